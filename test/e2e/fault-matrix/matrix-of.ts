import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultNames } from '../../../apps/sandbox/src/faults/fault-names.js';
import { readCalls, writeCalls } from './calls.js';
import { aftermaths, aroundFaults, playLook, playStep } from './around-cell.js';
import { hanging, neverPlayed } from './expected.js';
import { playPatiently, playRead } from './read-cell.js';
import { startMatrixWorld } from './stage.js';
import type { MatrixWorld } from './stage.js';
import { playWrite } from './write-cell.js';

/** Cells played in parallel: each mostly waits. */
const AT_ONCE = 12;

/** So often a cell is played on a machine that is too slow for it: its call is cut off before the provider has read it. */
const MOST_PLAYS = 5;

/** The slow ones come first, so that all others run meanwhile. */
const inOrder = [...hanging, ...faultNames.filter(fault => !hanging.includes(fault))];

/** Plays every fault on every call of one provider. */
export function matrixOf(provider: string): void {
  describe(`every fault at ${provider}`, () => {
    let world: MatrixWorld;
    beforeAll(async () => {
      world = await startMatrixWorld();
    });
    afterAll(() => world.close());

    const titled = writeCalls
      .filter(call => call.provider === provider)
      .map(call => ({ ...call, title: [call.exchange, call.variant].filter(Boolean).join(', ') }));
    it.each(titled)('write $title', async call => {
      expect(await inTurn(inOrder, fault => playWrite(world, call, fault))).toEqual([]);
    });

    it.each(titled.filter(({ steps }) => steps))('reads before $title', async call => {
      expect(await inTurn(aroundFaults, fault => playStep(world, call, fault))).toEqual([]);
    });

    it.each(titled.filter(({ blind }) => !blind))('calls after a lost $title', async call => {
      expect(await inTurn(aftermaths(call), how => playLook(world, call, how))).toEqual([]);
    });

    const reads = readCalls().filter(call => call.provider === provider);
    it.each(reads)('read $exchange.name', async call => {
      expect(await inTurn(inOrder, fault => playRead(world, call, fault))).toEqual([]);
    });

    it('answers throttled reads of patient callers', async () => {
      const ends = await inTurn(reads, async call => [
        `${call.exchange.name}: ${await playPatiently(world, call)}`,
      ]);
      expect(ends).toEqual(reads.map(({ exchange }) => `${exchange.name}: answered, 2 calls`));
    });
  });
}

/** Plays a cell again whose fault did not meet any call. */
async function untilPlayed(play: () => Promise<string[]>): Promise<string[]> {
  for (let plays = 1; ; plays++) {
    const wrong = await play();
    if (plays === MOST_PLAYS || !wrong.some(sentence => sentence.includes(neverPlayed))) return wrong;
  }
}

/** Runs all, a limited number at a time; returns the results in order. */
async function inTurn<T>(all: readonly T[], play: (one: T) => Promise<string[]>): Promise<string[]> {
  const said: string[][] = [];
  let next = 0;
  const line = async () => {
    for (let nth = next++; nth < all.length; nth = next++)
      said[nth] = await untilPlayed(() => play(all[nth]!));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  return said.flat();
}
