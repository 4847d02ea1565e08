import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSandbox } from './sandbox.js';
import type { Sandbox } from './sandbox.js';
import { coins } from './testing/coins.js';
import { call, controlOf, json } from './testing/wire.js';

const NOON = Date.parse('2026-01-15T12:00:00Z');

let realMs = NOON;
let sandbox: Sandbox;
let control: ReturnType<typeof controlOf>;
let base: string;

beforeAll(async () => {
  const rateLimit = { coins: { requests: 2, perMs: 1_000 } };
  sandbox = await startSandbox({ simulators: [coins], clock: () => realMs, rateLimit });
  control = controlOf(sandbox.url);
  base = sandbox.baseUrl('coins');
});
beforeEach(async () => {
  realMs = NOON;
  await control.post('/reset', {});
});
afterAll(() => sandbox.close());

const add = (key: string) => call(`${base}/coins`, { body: { key, amount: 1 } });

describe('the providers', () => {
  it('are served below their mount, and told with their demo credentials', async () => {
    expect((await control.get('')).data).toEqual([{ provider: 'coins', baseUrl: base, demo: coins.demo }]);
    expect(json(await call(`${base}/coins`))).toEqual({ total: 0 });
  });

  it('are not served elsewhere', async () => {
    const elsewhere = await call(`${sandbox.url}/coins/coins`);
    expect([elsewhere.status, json(elsewhere).mounts]).toEqual([404, ['/coins/api']]);
  });

  it('answer 500 for a defect of their own, and stay', async () => {
    expect((await call(`${base}/broken`)).status).toBe(500);
    expect((await call(`${base}/coins`)).status).toBe(200);
  });

  it('stand on the index page, which is escaped', async () => {
    const page = (await call(sandbox.url)).bytes.toString();
    expect(page).toContain(`<code>${base}</code>`);
    expect(page).toContain('&#34;too many requests&#34;');
  });
});

describe('the journal', () => {
  it('tells calls in order of arrival, with effects and without credentials', async () => {
    await call(`${base}/coins?a=1&key=secret-token`);
    await add('k1');
    const { data } = await control.get('/journal?provider=coins');
    const common = { provider: 'coins', path: '/coins', at: '2026-01-15T12:00:00.000Z', startedMs: NOON };
    expect(data).toEqual([
      { ...common, seq: expect.any(Number), method: 'GET', query: 'a=1&key=***', status: 200 },
      {
        ...common,
        seq: data[0].seq + 1,
        method: 'POST',
        query: '',
        status: 201,
        body: '{"key":"k1","amount":1}',
        effect: { type: 'coins', key: 'k1', data: { amount: '1' } },
      },
    ]);
    expect((await control.get('/journal?effects=true')).data).toEqual([data[1]]);
    expect((await control.get(`/journal?since=${data[0].seq}`)).data).toEqual([data[1]]);
    expect((await control.get('/journal?provider=other')).data).toEqual([]);
  });
});

describe('reset', () => {
  it('starts a ledger afresh with the options that it is given', async () => {
    await add('k1');
    expect(await control.get('/state')).toEqual({ coins: { total: 1 } });
    await control.post('/reset', { provider: 'coins', options: { start: 40 } });
    expect(await control.get('/state?provider=coins')).toEqual({ coins: { total: 40 } });
    expect((await control.get('/journal')).data).toEqual([]);
    await control.post('/reset', { provider: 'coins', options: {} });
  });

  it('refuses what it does not know', async () => {
    expect(await control.post('/reset', { provider: 'nobody' })).toEqual({
      error: '"nobody" is not served here',
    });
  });
});

describe('the clock', () => {
  it('moves the simulators and the Date header, by an offset or to a time', async () => {
    await control.post('/clock', { offsetMs: 90_000 });
    const later = await add('k1');
    expect(json(later).at).toBe('2026-01-15T12:01:30.000Z');
    expect(later.headers.date).toBe('Thu, 15 Jan 2026 12:01:30 GMT');
    const told = await control.post('/clock', { now: '2027-01-01T00:00:00Z' });
    expect(told).toEqual({
      now: '2027-01-01T00:00:00.000Z',
      offsetMs: Date.parse('2027-01-01T00:00:00Z') - NOON,
    });
    expect(json(await add('k2')).at).toBe('2027-01-01T00:00:00.000Z');
  });
});

describe('the rate', () => {
  it('is the law where the run says so: one start too many in a window is 429, and none is forgotten', async () => {
    const statuses: (number | undefined)[] = [];
    for (const afterMs of [0, 500, 999, 1_000, 1_499, 1_500]) {
      realMs = NOON + afterMs;
      statuses.push((await add(`k${afterMs}`)).status);
    }
    expect(statuses).toEqual([201, 201, 429, 201, 429, 201]);
    const { data } = await control.get('/rate?provider=coins');
    expect(data).toEqual([
      {
        provider: 'coins',
        credential: expect.stringMatching(/^[0-9a-f]{12}$/),
        calls: 6,
        refused: 2,
        worstWindow: 4,
        tightestMs: 500,
        firstMs: NOON,
        lastMs: NOON + 1_500,
      },
    ]);
    expect((await control.get('/journal?effects=true')).data).toHaveLength(4);
  });

  it('is only recorded where it is switched off', async () => {
    await control.post('/reset', { rateLimit: { coins: false } });
    const statuses = [await add('a'), await add('b'), await add('c')].map(({ status }) => status);
    expect(statuses).toEqual([201, 201, 201]);
    expect((await control.get('/rate')).data).toMatchObject([{ calls: 3, refused: 0, worstWindow: 3 }]);
    await control.post('/reset', { rateLimit: { coins: { requests: 2, perMs: 1_000 } } });
  });
});

describe('fault rules', () => {
  it('choose by provider, method and path, and are used up by their count', async () => {
    const fault = '500-without-commit';
    await control.post('/faults', {
      fault,
      provider: 'coins',
      method: 'POST',
      pathPattern: '^/coins$',
      count: 1,
    });
    expect((await call(`${base}/coins`)).status).toBe(200);
    expect((await add('k1')).status).toBe(500);
    realMs += 1_000;
    expect((await add('k2')).status).toBe(201);
    expect((await control.get('/faults')).rules).toMatchObject([{ fault, count: 1, played: 1 }]);
  });

  it('stand without a count until they are deleted', async () => {
    const { rules } = await control.post('/faults', [{ fault: '502-html' }, { fault: '503-html' }]);
    expect((await add('k1')).status).toBe(502);
    await control.delete(`/faults?id=${rules[0].id}`);
    expect((await add('k2')).status).toBe(503);
    expect((await control.delete('/faults')).rules).toEqual([]);
  });

  it.each([
    [{ fault: 'flood' }, /^unknown fault "flood"; there are: port-closed/],
    [{ fault: 'refused', provider: 'coins' }, /^"refused" strikes before anything is read/],
    [{ fault: 'slow', pathPattern: '(' }, /^Invalid regular expression/],
  ])('that make no sense are refused with a sentence: %j', async (rule, sentence) => {
    expect((await control.post('/faults', rule)).error).toMatch(sentence);
  });
});
