// npm run check: all static checks. Every step runs, even after a failure;
// `--report FILE` writes the counts.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { installIfStale, root, run } from './project.mjs';

const { values } = parseArgs({ options: { report: { type: 'string' } } });
const node = (program, ...words) => run(process.execPath, [`node_modules/${program}`, ...words]) === 0;

const steps = [
  ['format: prettier', () => node('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')],
  ['rules: oxlint, with types', () => node('oxlint/bin/oxlint', '--type-aware')],
  ['types: tsc', () => node('typescript-native/bin/tsc', '--noEmit', '-p', 'tsconfig.json')],
  [
    'who imports whom: dependency-cruiser',
    () => node('dependency-cruiser/bin/dependency-cruise.mjs', ...parts()),
  ],
  ['generated documents are current', generatedAreCurrent],
  ['OpenAPI: redocly', () => node('@redocly/cli/bin/cli.js', 'lint', 'docs/openapi.json')],
];

// Disables Redocly's telemetry.
Object.assign(process.env, { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' });
installIfStale();
const results = steps.map(([name, step]) => {
  console.log(`\n— ${name}`);
  const started = performance.now();
  const ok = step();
  return { name, ok, seconds: (performance.now() - started) / 1000 };
});

console.log('');
for (const { name, ok, seconds } of results)
  console.log(`${ok ? '✓' : '✗'} ${name} (${seconds.toFixed(1)} s)`);
const failed = results.filter(result => !result.ok).length;
if (values.report) writeFileSync(values.report, JSON.stringify({ passed: results.length - failed, failed }));
process.exitCode = failed === 0 ? 0 : 1;

function parts() {
  return ['--config', '.dependency-cruiser.cjs', 'apps', 'libs', 'test'];
}

// The generated documents must equal the committed ones.
function generatedAreCurrent() {
  if (run(process.execPath, ['scripts/generate.mjs']) !== 0) return false;
  const places = ['docs', 'libs/client/src/schema.ts'];
  if (run('git', ['diff', '--exit-code', '--', ...places]) !== 0) return false;
  const git = ['ls-files', '--others', '--exclude-standard', '--', ...places];
  const { stdout, status } = spawnSync('git', git, { cwd: root, encoding: 'utf8' });
  if (stdout) console.log(`Not committed:\n${stdout}`);
  return status === 0 && stdout === '';
}
