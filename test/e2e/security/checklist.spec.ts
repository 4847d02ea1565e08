import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');

interface Line {
  promise: string;
  places: string[];
  file: string;
  title: string;
}

const lines = page
  .slice(page.indexOf('## Promises'))
  .split('\n')
  .filter(line => line.startsWith('| ') && line.includes('.spec.ts`: '))
  .map((line): Line => {
    const [promise, kept, test] = line.slice(2, -2).split(' | ') as [string, string, string];
    const [, file, title] = /^`([^`]+)`: (.+)$/.exec(test)!;
    return {
      promise,
      places: [...kept.matchAll(/`([^`]+)`/g)].map(([, at]) => at!),
      file: file!,
      title: title!,
    };
  });

describe('docs/security.md', () => {
  it('promises as much as it did', () => {
    expect(lines.length).toBeGreaterThanOrEqual(60);
    expect(new Set(lines.map(({ promise }) => promise)).size).toBe(lines.length);
    // A line that this test cannot read is a line that nobody holds to its word.
    expect(
      page
        .slice(page.indexOf('## Promises'))
        .split('\n')
        .filter(line => /^\| (?!promise)/.test(line)),
    ).toHaveLength(lines.length);
  });

  it.each(lines)('tells the truth: $promise', ({ places, file, title }) => {
    const code = readFileSync(join(root, file), 'utf8');
    const titles = [...code.matchAll(/(?:\bit|\)|\])\(\s*(['`])((?:(?!\1).)+)\1/gs)].map(
      ([, , said]) => said!,
    );
    expect(titles.some(said => said.replace(/\\'/g, "'").includes(title))).toBe(true);
    for (const place of places.filter(at => at.includes('/')))
      expect([place, existsSync(join(root, place))]).toEqual([place, true]);
  });
});
