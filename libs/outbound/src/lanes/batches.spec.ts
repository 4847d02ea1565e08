import { expect, it } from 'vitest';
import { Batches } from './batches.js';

/** A store that answers a batch when the test says so. */
function store() {
  const asked: string[][] = [];
  const ends: { answer(): void; fail(error: Error): void }[] = [];
  const batches = new Batches<string, string>({ atOnce: 2, size: 3 }, questions => {
    asked.push(questions);
    return new Promise((resolve, fail) =>
      ends.push({ answer: () => resolve(questions.map(question => `${question}!`)), fail }),
    );
  });
  return { asked, ends, ask: (question: string) => batches.ask(question) };
}

it('asks at once while the store keeps up, and together what had to wait', async () => {
  const { asked, ends, ask } = store();
  const answers = ['a', 'b', 'c', 'd', 'e', 'f'].map(ask);
  expect(asked).toEqual([['a'], ['b']]);
  ends[0]!.answer();
  await expect.poll(() => asked).toEqual([['a'], ['b'], ['c', 'd', 'e']]);
  ends[2]!.answer();
  await expect.poll(() => asked.at(-1)).toEqual(['f']);
  ends[1]!.answer();
  ends[3]!.answer();
  expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!', 'd!', 'e!', 'f!']);
});

it('rejects the questions of a batch that fails, and goes on with the others', async () => {
  const { ends, ask } = store();
  const failing = ask('a');
  const other = ask('b');
  const waiting = ask('c');
  ends[0]!.fail(new Error('down'));
  await expect(failing).rejects.toThrow('down');
  ends[1]!.answer();
  ends[2]!.answer();
  expect(await Promise.all([other, waiting])).toEqual(['b!', 'c!']);
});
