import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const below = ['docs', 'examples', 'apps', 'libs'].flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(path => join(folder, path)),
);
const pages = ['README.md', 'CONTRIBUTING.md', ...below.filter(path => path.endsWith('.md'))];
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
  return headings.map(heading =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\-_ ]/gu, '')
      .replaceAll(' ', '-'),
  );
}

it('all pages can be reached from the README', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const documents = pages.filter(page => /^docs\/[\w-]+\.md$/.test(page));
  expect(documents.filter(page => !readme.includes(`](${page})`))).toEqual([]);
});

describe.each(pages)('%s', page => {
  const text = readFileSync(join(root, page), 'utf8');

  it('links to existing pages', () => {
    const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link]) => link!);
    const ours = links.filter(link => !/^[a-z]+:/.test(link));
    expect(ours.filter(link => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  });

  it('links to existing headings', () => {
    const links = [...text.matchAll(/\]\(([^)#\s:]*)#([^)\s]+)\)/g)];
    const wrong = links.filter(([, path, anchor]) => {
      const target = path ? join(root, dirname(page), path) : join(root, page);
      return !anchorsOf(readFileSync(target, 'utf8')).includes(anchor!);
    });
    expect(wrong.map(([link]) => link)).toEqual([]);
  });

  it('names existing npm scripts', () => {
    const named = [...text.matchAll(/npm run ([a-z:]+[a-z])/g)].map(([, script]) => script!);
    expect(named.filter(script => !(script in scripts))).toEqual([]);
  });
});
