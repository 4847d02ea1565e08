import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

// A module of the browser, which has no types.
const { inRussian, told } = (await import(new URL('files/notes.js', import.meta.url).href)) as {
  inRussian(note: string): string | undefined;
  told(line: string): string;
};

const root = new URL('../../../../', import.meta.url);
const sources = ['libs/adapters/', 'libs/outbound/src/reconcile/'].flatMap(folder =>
  readdirSync(new URL(folder, root), { recursive: true })
    .map(name => `${folder}${String(name)}`)
    .filter(name => /(?<!\.spec)\.ts$/.test(name) && !name.includes('simulator')),
);

/** The sentences that a source notes in timelines; what differs from case to case is `7`. */
const notesOf = (name: string): string[] =>
  [
    ...readFileSync(new URL(name, root), 'utf8').matchAll(
      /(?:note:(?! 'reason' in)|unclear\(|hopeless\(|unsure\(|const (?:OVER|ANOTHERS) =)\s*(?:'([^'\n]+)'|`((?:[^`\\]|\\.)+)`)/g,
    ),
  ].map(([, plain, template]) => plain ?? template!.replaceAll(/\$\{[^}]*\}/g, '7'));

describe('the notes of a timeline', () => {
  it('are all translated into Russian', () => {
    const notes = sources.flatMap(notesOf);
    expect(notes.length).toBeGreaterThan(40);
    expect(notes.filter(note => !/[а-я]/.test(inRussian(note) ?? ''))).toEqual([]);
  });

  it('keep their variable parts', () => {
    expect(inRussian('The balance went from 10 to 12.5, which this purchase alone does not explain.')).toBe(
      'Баланс изменился с 10 на 12.5, и одной этой покупкой это не объяснить.',
    );
  });

  it('stay unchanged when unknown', () => {
    expect(inRussian('Seen in the cabinet.')).toBeUndefined();
    expect(told('something else')).toBe('something else');
  });
});
