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
    'Made from the table of the tests; do not edit. Every documented call of a provider, where the API offers it, and how it may be repeated: `read`; `keyed` (safe with the same key); `absolute` (a repeat changes nothing more); `reconcilable` (looked for before anything is repeated); `unsafe` (never repeated by itself). The test named in the last column asks through the API and compares with what the sandbox saw: `npm test -- test/e2e/calls -t " NUMBER:"`.',
    [
      '| # | provider | provider call | home | retry class | test |',
      '|---|---|---|---|---|---|',
      ...rows,
    ].join('\n'),
  ].join('\n\n')}\n`,
);
