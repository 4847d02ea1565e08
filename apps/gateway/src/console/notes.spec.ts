import { readFileSync, readdirSync } from 'node:fs';
import { errorCodes, errorTable } from '#canonical';
import { afterEach, describe, expect, it, vi } from 'vitest';

// A module of the browser, which has no types.
const { explained, inRussian, timelineNote } = (await import(
  new URL('files/notes.js', import.meta.url).href
)) as {
  inRussian(note: string): string | undefined;
  timelineNote(line: object): string;
  explained(problem: { title: string; detail?: string; userMessage?: string }): string[];
};

const root = new URL('../../../../', import.meta.url);
const sourcesIn = (folder: string): string[] =>
  readdirSync(new URL(folder, root), { recursive: true })
    .map(name => `${folder}${String(name)}`)
    .filter(name => /(?<!\.spec)\.ts$/.test(name) && !name.includes('simulator'));

/** The texts in a source file that stand behind `lead`, with `7` for each variable part. */
const textsOf = (name: string, lead: string): string[] =>
  [
    ...readFileSync(new URL(name, root), 'utf8').matchAll(
      new RegExp(`(?:${lead})\\s*(?:'([^'\\n]+)'|\`((?:[^\`\\\\]|\\\\.)+)\`)`, 'g'),
    ),
  ].map(([, plain, template]) => plain ?? template!.replaceAll(/\$\{[^}]*\}/g, '7'));

const NOTE = String.raw`note:(?! 'reason' in)|new Unanswered\(|inconclusive\(|unprovable\(|undecided\(|const (?:OVER|ANOTHERS) =`;
/** Why an operation is unknown, queued again or refused without an exchange. */
const REASON = String.raw`reason:|detail(?::| =)|operation,|#markUnknown\(|return|[?:]`;

afterEach(() => vi.unstubAllGlobals());
const speak = (language: string) => vi.stubGlobal('sessionStorage', { getItem: () => language });

describe('the notes of a timeline', () => {
  it('are all translated into Russian', () => {
    const notes = ['libs/adapters/', 'libs/outbound/src/reconcile/']
      .flatMap(sourcesIn)
      .flatMap(name => textsOf(name, NOTE));
    const reasons = sourcesIn('libs/outbound/src/run/')
      .flatMap(name => textsOf(name, REASON))
      // Words in a row; the rest are names of states and events.
      .filter(text => /^\S+ \S+ /.test(`${text} `));
    expect(notes.length).toBeGreaterThan(40);
    expect(reasons.length).toBeGreaterThan(8);
    expect([...notes, ...reasons].filter(note => !/[а-я]/.test(inRussian(note) ?? ''))).toEqual([]);
  });

  it('have the refusals of a person’s decision in Russian', () => {
    const texts = textsOf(
      'libs/outbound/src/reconcile/decide-by-person.ts',
      String.raw`conflict\(\w+,|queued:|dispatching:|[?:]`,
    ).filter(text => text.includes(' '));
    expect(texts.length).toBeGreaterThan(4);
    const refusals = texts
      .filter(text => !/^(There|The operation|A person)/.test(text))
      .map(text => `The operation is unknown: ${text}.`);
    expect(refusals.filter(text => !/[а-я]/.test(inRussian(text) ?? ''))).toEqual([]);
  });

  it('keep their variable parts', () => {
    expect(inRussian('The balance went from 10 to 12.5, which this purchase alone does not explain.')).toBe(
      'Баланс изменился с 10 на 12.5, и одной этой покупкой это не объяснить.',
    );
  });

  it('have their variable parts in Russian where these are known words', () => {
    expect(inRussian('PP answered 429, and then refused to list the payouts')).toBe(
      'PP ответил 429, а потом не показал список выплат',
    );
  });

  it('stay unchanged when unknown', () => {
    expect(inRussian('Seen in the cabinet.')).toBeUndefined();
    speak('ru');
    expect(timelineNote({ note: 'something else' })).toBe('something else');
  });
});

describe('a problem', () => {
  const problem = {
    title: 'State conflict',
    detail: 'A person found that it was not executed: no. 17 is not there.',
    userMessage: 'Сейчас это невозможно.',
  };

  it('is shown in the language of the page', () => {
    speak('en');
    expect(explained(problem)).toEqual([problem.title, problem.detail]);
    speak('ru');
    expect(explained(problem)).toEqual([
      problem.userMessage,
      'По решению человека не исполнена: no. 17 is not there.',
    ]);
  });

  it('keeps an unknown sentence in English, since it may say what to do', () => {
    speak('ru');
    expect(explained({ ...problem, detail: 'Something else.' })).toEqual([
      problem.userMessage,
      'Something else.',
    ]);
  });

  it('has a Russian message for every code', () => {
    expect(errorCodes.filter(code => !/[а-я]/i.test(errorTable[code].userMessage.ru))).toEqual([]);
  });
});
