import type { LaneView } from '#canonical';
import { describe, expect, it } from 'vitest';
import { laneStream } from './lane-stream.js';

const lane = (id: string, slotsUsed = 0): LaneView => ({
  id,
  provider: 'uds',
  connectionIds: [],
  limit: { requests: 5, perMs: 1_000 },
  slotsUsed,
  waiting: { interactive: 0, write: 0, reconcile: 0, bulk: 0 },
  etaMs: 0,
  saturated: false,
  breaker: 'closed',
});

/** All messages of a watcher for these successive states of the lanes; a failed read is `undefined`. */
async function told(looks: (LaneView[] | undefined)[], heartbeatMs = 60_000): Promise<string[]> {
  const stop = new AbortController();
  const rest = [...looks];
  const lanes = async () => {
    const now = rest.shift();
    if (rest.length === 0) stop.abort();
    if (!now) throw new Error('the store is away');
    return now;
  };
  const said: string[] = [];
  for await (const part of laneStream({ lanes, signal: stop.signal, everyMs: 0, heartbeatMs }))
    said.push(part);
  return said.slice(1);
}

const event = (name: string, lanes: LaneView[]) =>
  `event: ${name}\ndata: ${JSON.stringify({ data: lanes })}\n\n`;

describe('the stream of lanes', () => {
  it('begins with all lanes, sends each change once, and all lanes again when one is added or removed', async () => {
    const [a, b] = [lane('uds-aaaaaa'), lane('uds-bbbbbb')];
    const used = lane('uds-bbbbbb', 3);
    expect(await told([[a, b], [a, b], [a, used], [a, used], [used]])).toEqual([
      event('lanes', [a, b]),
      event('changed', [used]),
      event('lanes', [used]),
    ]);
  });

  it('sends an empty list once when there are no lanes', async () => {
    expect(await told([[], [], []])).toEqual([event('lanes', [])]);
  });

  it('continues after a failed read, and sends a comment after a long silence', async () => {
    const a = lane('uds-aaaaaa');
    expect(await told([[a], undefined, [a]], 0)).toEqual([
      event('lanes', [a]),
      ': still here\n\n',
      ': still here\n\n',
    ]);
  });

  it('does not report the shorter rest of a pause as a change', async () => {
    const until = (pausedUntil: string) => [{ ...lane('uds-aaaaaa'), pausedUntil }];
    expect(await told([until('2026-01-01T10:00:05.100Z'), until('2026-01-01T10:00:05.104Z')])).toHaveLength(
      1,
    );
  });
});
