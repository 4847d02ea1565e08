// Writes docs/calls.md out of calls.ts: where every documented provider call lives, and which test proves it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '../../..');
const source = readFileSync(join(import.meta.dirname, 'calls.ts'), 'utf8');
const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext } });
const { calls } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);

const code = text => `\`${text.replaceAll('|', '\\|')}\``;
const rows = calls.map(({ number, provider, call, homes, retry }) =>
  [
    '',
    number,
    provider,
    code(call),
    homes.map(code).join('<br>'),
    retry ?? '–',
    `calls.spec.ts "${number}:"`,
    '',
  ]
    .join(' | ')
    .trim(),
);

writeFileSync(
  join(root, 'docs/calls.md'),
  `${[
    '# Provider calls',
    'Generated from the test table in `test/e2e/calls`; do not edit. Every documented provider call, the API call that offers it, and its retry class: `read`; `keyed` (safe to repeat with the same key); `absolute` (a repeat changes nothing more); `reconcilable` (looked up before any repeat); `unsafe` (never repeated automatically). The test in the last column makes the API call and compares it with what the sandbox received: `npm test -- test/e2e/calls -t " NUMBER:"`.',
    [
      '| # | provider | provider call | API call | retry class | test |',
      '|---|---|---|---|---|---|',
      ...rows,
    ].join('\n'),
  ].join('\n\n')}\n`,
);
