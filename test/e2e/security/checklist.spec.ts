import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');

interface Row {
  guarantee: string;
  places: string[];
  file: string;
  title: string;
}

const rows = page
  .slice(page.indexOf('## Guarantees'))
  .split('\n')
  .filter(line => line.startsWith('| ') && line.includes('.spec.ts`: '))
  .map((line): Row => {
    const [guarantee, kept, test] = line.slice(2, -2).split(' | ') as [string, string, string];
    const [, file, title] = /^`([^`]+)`: (.+)$/.exec(test)!;
    return {
      guarantee,
      places: [...kept.matchAll(/`([^`]+)`/g)].map(([, at]) => at!),
      file: file!,
      title: title!,
    };
  });

describe('docs/security.md', () => {
  it('lists no fewer guarantees than before', () => {
    expect(rows.length).toBeGreaterThanOrEqual(60);
    expect(new Set(rows.map(({ guarantee }) => guarantee)).size).toBe(rows.length);
    // A row that this test cannot parse would go unchecked.
    expect(
      page
        .slice(page.indexOf('## Guarantees'))
        .split('\n')
        .filter(line => /^\| (?!guarantee)/.test(line)),
    ).toHaveLength(rows.length);
  });

  it.each(rows)('names a test that exists: $guarantee', ({ places, file, title }) => {
    const code = readFileSync(join(root, file), 'utf8');
    const titles = [...code.matchAll(/(?:\bit|\)|\])\(\s*(['`])((?:(?!\1).)+)\1/gs)].map(
      ([, , found]) => found!,
    );
    expect(titles.some(known => known.replace(/\\'/g, "'").includes(title))).toBe(true);
    for (const place of places.filter(at => at.includes('/')))
      expect([place, existsSync(join(root, place))]).toEqual([place, true]);
  });
});
