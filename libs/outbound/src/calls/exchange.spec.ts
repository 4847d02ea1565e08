import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Unreadable, defineExchange, readWire } from '#adapter-kit';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import type { Core } from '../core/core.js';
import type { OutgoingRequest, Sent } from '../http/sent.js';
import type { Slot } from '../lanes/lanes.js';
import { makeExchange } from './exchange.js';

const look = defineExchange<object, object>({
  name: 'look',
  call: 'GET /look',
  retryClass: 'read',
  request: () => ({ method: 'GET', path: '/look' }),
  read: () => ({}),
});

/** A look whose answer is not what the provider documents. */
const misread = defineExchange<object, object>({
  ...look,
  read: () => {
    throw new Unreadable('/id', 'is missing');
  },
});

describe('a provider that lets its callers wait', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ store: 'postgres', sandbox: { only: ['uds'] } });
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => world.close());

  /** Whether the circuit is open after so many calls that ended so, for callers who wait so long. */
  async function opensFor(
    waitMs: number,
    sent: (request: OutgoingRequest) => Sent,
    exchange = look,
  ): Promise<boolean> {
    const shop = await world.connect('uds');
    const core: Core = {
      ...world.core,
      send: { send: async request => sent(request), close: () => undefined },
    };
    const wish = { exchange, ask: {}, context: { settings: shop.settings, now: core.now() } };
    for (let call = 0; call < 25; call++) {
      const at = performance.now();
      const slot: Slot = {
        granted: true,
        fingerprint: '',
        stamp: 0,
        waitedMs: 0,
        dueAt: Infinity,
        startsLeft: 0,
      };
      const terms = { laneClass: 'interactive', laneBudgetMs: 0, timeoutMs: 3_000, slot } as const;
      await makeExchange(core, shop, wish, { ...terms, deadlineAt: at + waitMs });
    }
    return core.breakers.of(shop.lane.fingerprint).isOpen();
  }

  const silent = ({ timeoutMs }: OutgoingRequest): Sent => ({
    kind: 'unanswered',
    reason: `No whole answer came within ${timeoutMs} ms.`,
    overdue: true,
    durationMs: timeoutMs,
  });
  const reset = (): Sent => ({ kind: 'unanswered', reason: 'The connection was closed.', durationMs: 1 });

  it('is called silent where it was given its time', async () => {
    expect(await opensFor(60_000, silent)).toBe(true);
  });

  it('is not called silent because its callers had no time left: others wait longer', async () => {
    expect(await opensFor(500, silent)).toBe(false);
  });

  it('is called silent where it hangs up, however short the wait', async () => {
    expect(await opensFor(500, reset)).toBe(true);
  });

  const answered = (text: string) => (): Sent => ({
    kind: 'answered',
    answer: readWire(200, {}, Buffer.from(text)),
    writtenAt: 0,
    durationMs: 1,
    bytes: text.length,
  });

  it('is not called silent where an answer cannot be read: other calls may be understood', async () => {
    expect(await opensFor(60_000, answered('{}'), misread)).toBe(false);
  });

  it.each(['<!DOCTYPE html><html></html>', 'maintenance, back soon'])(
    'is called silent where %s is answered in its place',
    async text => {
      expect(await opensFor(60_000, answered(text), misread)).toBe(true);
    },
  );

  /** A shop whose circuit was open, and may be tried now. */
  async function dueForATrial() {
    const shop = await world.connect('uds');
    const breaker = world.core.breakers.of(shop.lane.fingerprint);
    for (let call = 0; call < 20; call++) breaker.note({ kind: 'unanswered', reason: 'silence' });
    await expect.poll(() => breaker.isOpen()).toBe(true);
    const really = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => really() + 60_000);
    return shop;
  }

  it('is tried by one call after its circuit was open, while the others are refused at once', async () => {
    const shop = await dueForATrial();
    const sent: (() => void)[] = [];
    const send = () => new Promise<Sent>(resolve => sent.push(() => resolve(reset())));
    const core: Core = { ...world.core, send: { send, close: () => undefined } };
    const wish = { exchange: look, ask: {}, context: { settings: shop.settings, now: core.now() } };
    const terms = { laneClass: 'interactive', laneBudgetMs: 60_000, timeoutMs: 3_000 } as const;
    const trial = makeExchange(core, shop, wish, terms);
    await expect.poll(() => sent.length).toBe(1);
    expect(await makeExchange(core, shop, wish, terms)).toMatchObject({ kind: 'circuit-open' });
    sent[0]!();
    expect(await trial).toMatchObject({ kind: 'unanswered' });
    expect(sent).toHaveLength(1);
  });

  it('is tried by one write, also while the claim of that one is being stored', async () => {
    const shop = await dueForATrial();
    const send = vi.fn(() => Promise.resolve(reset()));
    const core: Core = { ...world.core, send: { send, close: () => undefined } };
    const wish = { exchange: look, ask: {}, context: { settings: shop.settings, now: core.now() } };
    const terms = { laneClass: 'interactive', laneBudgetMs: 60_000, timeoutMs: 3_000 } as const;
    let claimed: (isMine: boolean) => void;
    const beforeSend = vi.fn(() => new Promise<boolean>(resolve => (claimed = resolve)));
    const trial = makeExchange(core, shop, wish, { ...terms, beforeSend });
    await expect.poll(() => beforeSend.mock.calls).toHaveLength(1);
    expect(await makeExchange(core, shop, wish, terms)).toMatchObject({ kind: 'circuit-open' });
    claimed!(false);
    expect(await trial).toEqual({ kind: 'taken' });
    expect(send).not.toHaveBeenCalled();
    // It was no trial after all: the next one is.
    expect(await makeExchange(core, shop, wish, terms)).toMatchObject({ kind: 'unanswered' });
  });

  it.each([
    ['whose row another process has', () => Promise.resolve(false)],
    ['whose claim cannot be stored', () => Promise.reject(new Error('Postgres is away.'))],
  ])('gives the start of a write %s to the next call of its lane', async (_, beforeSend) => {
    const shop = await world.connect('uds');
    const core: Core = { ...world.core, send: { send: async () => reset(), close: () => undefined } };
    const wish = { exchange: look, ask: {}, context: { settings: shop.settings, now: core.now() } };
    const terms = { laneClass: 'interactive', laneBudgetMs: 60_000, timeoutMs: 3_000 } as const;
    const starts = vi.spyOn(core.lanes, 'enter');
    const givenBack = vi.spyOn(core.lanes, 'giveBack');
    await makeExchange(core, shop, wish, { ...terms, beforeSend }).catch(() => undefined);
    expect(givenBack.mock.calls).toEqual([[await starts.mock.results[0]!.value]]);
    await makeExchange(core, shop, wish, terms);
    expect(givenBack).toHaveBeenCalledOnce();
  });

  it('is left alone for as long as a failure’s Retry-After asks', async () => {
    const shop = await world.connect('uds');
    const answer = readWire(503, { 'retry-after': '30' }, Buffer.from('busy'));
    const send = async (): Promise<Sent> => ({
      kind: 'answered',
      answer,
      writtenAt: 0,
      durationMs: 1,
      bytes: 4,
    });
    const core: Core = { ...world.core, send: { send, close: () => undefined } };
    const wish = { exchange: look, ask: {}, context: { settings: shop.settings, now: core.now() } };
    const terms = { laneClass: 'interactive', laneBudgetMs: 10_000, timeoutMs: 3_000 } as const;
    expect(await makeExchange(core, shop, wish, terms)).toMatchObject({ kind: 'unanswered' });
    const next = await makeExchange(core, shop, wish, terms);
    expect(next).toMatchObject({ kind: 'no-slot' });
    expect((next as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(10_000);
  });

  it('is not called by who stood in its lane while its circuit opened', async () => {
    const shop = await world.connect('uds');
    const breaker = world.core.breakers.of(shop.lane.fingerprint);
    const { lanes } = world.core;
    const enter = lanes.enter.bind(lanes);
    vi.spyOn(lanes, 'enter').mockImplementation(async (...asked) => {
      const start = await enter(...asked);
      for (let call = 0; call < 20; call++) breaker.note({ kind: 'unanswered', reason: 'silence' });
      await expect.poll(() => breaker.isOpen()).toBe(true);
      return start;
    });
    const givenBack = vi.spyOn(lanes, 'giveBack');
    const send = vi.fn(() => Promise.resolve(reset()));
    const core: Core = { ...world.core, send: { send, close: () => undefined } };
    const wish = { exchange: look, ask: {}, context: { settings: shop.settings, now: core.now() } };
    const beforeSend = vi.fn(() => Promise.resolve(true));
    const terms = { laneClass: 'interactive', laneBudgetMs: 60_000, timeoutMs: 3_000, beforeSend } as const;
    expect(await makeExchange(core, shop, wish, terms)).toMatchObject({ kind: 'circuit-open' });
    expect([beforeSend, send].flatMap(({ mock }) => mock.calls)).toEqual([]);
    expect(givenBack).toHaveBeenCalledOnce();
  });
});
