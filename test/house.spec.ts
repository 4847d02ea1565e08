import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** Paths below a folder of the repository that match a filter, relative to the root. */
function files(folder: string, accept: (path: string) => boolean): string[] {
  const found = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return found
    .map(path => join(folder, path))
    .filter(accept)
    .toSorted();
}

const isCode = (path: string) => path.endsWith('.ts') && !/\.(spec|testing|d)\.ts$/.test(path);
// The client's types are generated.
const written = (path: string) => isCode(path) && path !== 'libs/client/src/schema.ts';
const code = [...files('libs', written), ...files('apps', written)];
const { imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  imports: Record<string, { source: string; default: string }>;
};
const faces = Object.values(imports).map(({ source }) => source.replace('./', ''));
const parsed = new Map<string, ts.SourceFile>();

function parse(path: string): ts.SourceFile {
  const known = parsed.get(path);
  if (known) return known;
  const text = readFileSync(join(root, path), 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  parsed.set(path, source);
  return source;
}

interface Exported {
  name: string;
  /** The declaring statement. */
  declaration: ts.Node;
}

/** The exports that a file declares itself; re-exports do not count. */
function exportsOf(source: ts.SourceFile): Exported[] {
  return source.statements.flatMap(statement => {
    if (!ts.canHaveModifiers(statement)) return [];
    if (!ts.getModifiers(statement)?.some(it => it.kind === ts.SyntaxKind.ExportKeyword)) return [];
    const declared = ts.isVariableStatement(statement)
      ? [...statement.declarationList.declarations]
      : [statement];
    return declared.flatMap(it => {
      const name = (it as ts.NamedDeclaration).name;
      return name && ts.isIdentifier(name) ? [{ name: name.text, declaration: statement }] : [];
    });
  });
}

/** The files that a library's index re-exports; others are internal. */
function reachableFrom(face: string): string[] {
  if (!existsSync(join(root, face))) return [];
  const passedOn = parse(face).statements.flatMap(statement => {
    if (!ts.isExportDeclaration(statement) || !statement.moduleSpecifier) return [];
    const target = (statement.moduleSpecifier as ts.StringLiteral).text;
    return target.startsWith('.') ? [join(dirname(face), target.replace(/\.js$/, '.ts'))] : [];
  });
  return [face, ...passedOn.flatMap(reachableFrom)];
}

/** Splits camelCase, kebab-case and dots: `RetryHelper.ts` → retry, helper, ts. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map(word => word.toLowerCase());
}

const FORBIDDEN = new Set([
  'manager',
  'helper',
  'helpers',
  'util',
  'utils',
  'handler',
  'handlers',
  'impl',
  'base',
]);

function forbiddenIn(name: string): boolean {
  // `baseUrl` is a provider's term; only class names like `BaseThing` count.
  const words = wordsOf(name).filter(word => word !== 'base' || /^Base[A-Z]/.test(name));
  return words.some(word => FORBIDDEN.has(word)) || /^I[A-Z][a-z]/.test(name);
}

describe('code conventions', () => {
  it('each library has one index file', () => {
    expect(faces.filter(face => !existsSync(join(root, face)))).toEqual([]);
    expect(code.filter(path => basename(path) === 'index.ts' && !faces.includes(path))).toEqual([]);
    for (const face of Object.values(imports)) {
      expect(face.default).toBe(face.source.replace('./', './dist/').replace(/\.ts$/, '.js'));
    }
  });

  it('nothing is named manager, helper, util, handler, I…, …Impl or Base…', () => {
    const named = code.flatMap(path => [
      { path, name: basename(path) },
      ...exportsOf(parse(path)).map(({ name }) => ({ path, name })),
    ]);
    expect(named.filter(({ name }) => forbiddenIn(name)).map(({ path, name }) => `${path}: ${name}`)).toEqual(
      [],
    );
  });

  it('every export of a library has a doc sentence', () => {
    // Adapters are read by authors of new adapters; simulators are internal.
    const read = code.filter(path => path.startsWith('libs/adapters/') && !path.includes('/simulator/'));
    const shown = [...faces.flatMap(reachableFrom), ...read];
    const silent = [...new Set(shown)].flatMap(path =>
      exportsOf(parse(path))
        .filter(({ declaration }) => !ts.getJSDocCommentsAndTags(declaration).some(ts.isJSDoc))
        .map(({ name }) => `${path}: ${name}`),
    );
    expect(silent).toEqual([]);
  });

  it('adapters do not read the clock', () => {
    const pure = code.filter(path => /^libs\/(canonical|adapters|adapter-kit)\//.test(path));
    const asking = pure
      .filter(path => !/\/(simulator|testing)/.test(path))
      .filter(path => asksTheTime(parse(path)));
    expect(asking).toEqual([]);
  });

  it('adapters look at what they catch', () => {
    // What they do not expect is a bug of ours, and must not be taken for a failure of the provider.
    const plans = code.filter(path => path.startsWith('libs/adapters/') && !path.includes('/simulator'));
    expect(plans.filter(path => catchesBlindly(parse(path)))).toEqual([]);
  });

  it('only persistence names a table or a query builder', () => {
    const others = code.filter(path => !path.startsWith('libs/persistence/'));
    expect(others.filter(path => /from '(typeorm|@nestjs\/typeorm)'/.test(parse(path).text))).toEqual([]);
  });

  it('lists files and functions that exceed the length limits', async ({ annotate }) => {
    const long = code
      .map(path => ({ path, lines: parse(path).getLineStarts().length - 1 }))
      .filter(({ lines }) => lines > 200);
    for (const { path, lines } of long) await annotate(`${path} has ${lines} lines; the house likes 200.`);
    for (const adapter of adapters) {
      const lines = code
        .filter(path => path.startsWith(`${adapter}/`))
        .reduce((sum, path) => sum + parse(path).getLineStarts().length - 1, 0);
      if (lines > 900) await annotate(`${adapter} has ${lines} lines; the house likes 900.`);
    }
    // More than twice the limit fails.
    expect(long.filter(({ lines }) => lines > 400).map(({ path }) => path)).toEqual([]);
  });
});

const adapters = readdirSync(join(root, 'libs/adapters'), { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => `libs/adapters/${entry.name}`);

describe.each(adapters)('%s', folder => {
  const name = basename(folder);

  it('has the files that every adapter has', () => {
    const expected = ['README.md', `${name}.adapter.ts`, 'simulator.ts', 'fixtures'];
    expect(expected.filter(path => !existsSync(join(root, folder, path)))).toEqual([]);
  });

  it('is in the registry', () => {
    expect(parse('libs/adapters/registry.ts').text).toContain(`'./${name}/${name}.adapter.js'`);
  });
});

function catchesBlindly(node: ts.Node): boolean {
  const blind = ts.isCatchClause(node) && !node.variableDeclaration;
  return blind || (ts.forEachChild(node, child => catchesBlindly(child) || undefined) ?? false);
}

function asksTheTime(node: ts.Node): boolean {
  const empty = ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length;
  return empty || (ts.forEachChild(node, child => asksTheTime(child) || undefined) ?? false);
}
