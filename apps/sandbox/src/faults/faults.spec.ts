import { Agent } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../journal.js';
import { startSandbox } from '../sandbox.js';
import type { Sandbox } from '../sandbox.js';
import { coins } from '../testing/coins.js';
import { call, controlOf, json } from '../testing/wire.js';
import type { Received } from '../testing/wire.js';
import { faultNames, faults } from './fault-names.js';
import type { FaultName, FaultParams } from './fault-names.js';

const NOON = Date.parse('2026-01-15T12:00:00Z');
const small: Partial<Record<FaultName, FaultParams>> = {
  slow: { intervalMs: 1 },
  'late-answer': { delayMs: 1 },
  'huge-body': { bytes: 300_000 },
  'gzip-bomb': { bytes: 3 * 1024 * 1024 },
  'late-commit': { delayMs: 60_000 },
};

let sandbox: Sandbox;
let control: ReturnType<typeof controlOf>;
let coinsUrl: string;

beforeAll(async () => {
  sandbox = await startSandbox({ simulators: [coins], controlPort: 0, clock: () => NOON });
  control = controlOf(sandbox.controlUrl);
  coinsUrl = `${sandbox.baseUrl('coins')}/coins`;
});
beforeEach(() => control.post('/reset', {}));
afterAll(() => sandbox.close());

const effects = async (): Promise<JournalEntry[]> => (await control.get('/journal?effects=true')).data;
const last = async (): Promise<JournalEntry> => (await control.get('/journal')).data.at(-1);
const add = (signal?: AbortSignal): Promise<Received> =>
  call(coinsUrl, { body: { key: 'k1', amount: 7 }, signal });

async function broken(fault: FaultName, params: FaultParams = {}): Promise<Received> {
  await control.post('/faults', { fault, count: 1, params: { ...small[fault], ...params } });
  return add();
}

const silent = ['black-hole', 'commit-then-hang'] as const;

describe('the effect', () => {
  const ofCalls = faultNames.filter(
    name => !['port-closed', 'refused', 'keepalive-close', ...silent].includes(name),
  );

  it.each(ofCalls)('%s: is in the journal as often as its line says', async fault => {
    await broken(fault);
    const happens = /the effect happens(?! params)|the right answer/.test(faults[fault]);
    expect(await effects()).toHaveLength(happens ? 1 : 0);
    expect(await last()).toMatchObject({ fault });
    expect((await add()).status).toBe(201);
    expect(await effects()).toHaveLength(happens ? 2 : 1);
  });

  it('happens or not as `commit` says', async () => {
    await broken('commit-then-500', { commit: false });
    expect(await effects()).toEqual([]);
    await broken('502-html', { commit: true });
    expect(await effects()).toHaveLength(1);
  });

  it.each(silent)('%s: nothing comes back, however long the caller stays', async fault => {
    await control.post('/faults', { fault, count: 1 });
    const leave = new AbortController();
    const answer = add(leave.signal);
    await expect.poll(async () => (await last())?.body).toBe('{"key":"k1","amount":7}');
    expect(await effects()).toHaveLength(fault === 'black-hole' ? 0 : 1);
    expect((await last()).status).toBeUndefined();
    leave.abort();
    expect(await answer).toMatchObject({ status: undefined, broke: 'ABORT_ERR' });
  });

  it('late-commit: comes by the clock, as an entry of its own', async () => {
    expect((await broken('late-commit')).status).toBe(504);
    await control.post('/clock', { offsetMs: 59_999 });
    expect(await effects()).toEqual([]);
    await control.post('/clock', { offsetMs: 60_000 });
    expect(await effects()).toMatchObject([
      { late: true, effect: { key: 'k1' }, at: '2026-01-15T12:01:00.000Z' },
    ]);
  });
});

describe('the connection', () => {
  it('port-closed: refuses until the time is over or the faults are deleted', async () => {
    await control.post('/faults', { fault: 'port-closed', params: { forMs: 600_000 } });
    expect(await add()).toMatchObject({ broke: 'ECONNREFUSED' });
    await control.delete('/faults');
    expect((await add()).status).toBe(201);
    await control.post('/faults', { fault: 'port-closed', params: { forMs: 5 } });
    await expect.poll(async () => (await add()).status).toBe(201);
  });

  it('refused: resets one new connection, whoever it belongs to', async () => {
    // The caller learns of it while it writes or while it reads.
    expect(await broken('refused')).toMatchObject({ broke: expect.stringMatching(/ECONNRESET|EPIPE/) });
    expect((await control.get('/journal')).data).toEqual([]);
    expect((await add()).status).toBe(201);
  });

  it.each(['reset-before-reading', 'commit-then-reset'] as const)(
    '%s: is reset without an answer',
    async fault => {
      expect(await broken(fault)).toMatchObject({ broke: 'ECONNRESET', status: undefined });
    },
  );

  it('keepalive-close: spares a new connection and drops the call on a used one', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await control.post('/faults', { fault: 'keepalive-close', count: 1 });
    expect((await call(coinsUrl, { agent })).status).toBe(200);
    expect(await call(coinsUrl, { agent })).toMatchObject({ broke: 'ECONNRESET' });
    expect((await call(coinsUrl, { agent })).status).toBe(200);
    agent.destroy();
  });

  it.each(['truncated-length', 'truncated-chunk'] as const)('%s: ends inside the body', async fault => {
    const received = await broken(fault);
    expect(received).toMatchObject({ status: 201, broke: 'ECONNRESET' });
    expect(received.bytes.toString()).toMatch(/^\{"id":"k1"[^}]*$/);
  });

  it('late-answer: is only late', async () => {
    const received = await broken('late-answer');
    expect([received.status, json(received).total]).toEqual([201, 7]);
  });

  it('slow: comes whole, in many pieces', async () => {
    const received = await broken('slow');
    expect(json(received)).toMatchObject({ total: 7 });
    expect(received.pieces).toBeGreaterThan(3);
  });
});

describe('the answer', () => {
  it.each([
    ['commit-then-500', 500],
    ['500-without-commit', 500],
    ['late-commit', 504],
  ] as const)('%s: is %i', async (fault, status) => {
    expect((await broken(fault)).status).toBe(status);
  });

  it.each([
    ['502-html', 502],
    ['503-html', 503],
    ['html-200', 200],
  ] as const)('%s: is a page', async (fault, status) => {
    const { headers, bytes, ...rest } = await broken(fault);
    expect(rest.status).toBe(status);
    expect(headers['content-type']).toContain('text/html');
    expect(bytes.toString()).toMatch(/^<!DOCTYPE html>/);
  });

  it.each([
    ['429-without-retry-after', undefined],
    ['429-retry-after-0', '0'],
    ['429-retry-after-3600', '3600'],
    ['429-retry-after-date', 'Thu, 15 Jan 2026 12:00:30 GMT'],
    ['429-retry-after-rubbish', 'soon'],
  ] as const)('%s: says when to come back in its own way', async (fault, wait) => {
    const { status, headers } = await broken(fault);
    expect([status, headers['retry-after']]).toEqual([429, wait]);
  });

  it('refusal-200: is the refusal of a stranger, or the body that was given', async () => {
    const stranger = await broken('refusal-200');
    expect([stranger.status, json(stranger)]).toEqual([200, { error: 'who are you?' }]);
    expect(json(await broken('refusal-200', { body: { error: 5 } }))).toEqual({ error: 5 });
  });

  it('redirect: leads to the same path elsewhere', async () => {
    const { status, headers } = await broken('redirect', { to: 'http://elsewhere.invalid' });
    expect([status, headers.location]).toEqual([307, 'http://elsewhere.invalid/coins/api/coins']);
  });

  it('clock-skew: has the times of another clock, head and body', async () => {
    const received = await broken('clock-skew', { offsetMs: -600_000 });
    expect(received.headers.date).toBe('Thu, 15 Jan 2026 11:50:00 GMT');
    expect(json(received).at).toBe('2026-01-15T11:50:00.000Z');
  });
});

describe('the body', () => {
  const right = { id: 'k1', total: 7, rank: 'gold', limit: '100.50', at: '2026-01-15T12:00:00.000Z' };
  const { total: _, ...withoutTotal } = right;

  it.each<[FaultName, FaultParams, unknown]>([
    ['drift-missing', { pointer: '/total' }, withoutTotal],
    ['drift-renamed', { pointer: '/total' }, { ...withoutTotal, total_v2: 7 }],
    ['drift-null', { pointer: '/total' }, { ...right, total: null }],
    ['drift-new-word', { pointer: '/rank' }, { ...right, rank: 'a_new_word' }],
    ['drift-extra', {}, { ...right, addedByDrift: { since: 'v3' } }],
    ['drift-retyped', {}, { ...right, total: '7', limit: 100.5 }],
  ])('%s: is changed in that way alone', async (fault, params, expected) => {
    const received = await broken(fault, params);
    expect([received.status, json(received)]).toEqual([201, expected]);
  });

  it('bom-200: is right behind a byte order mark', async () => {
    const { bytes } = await broken('bom-200');
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(JSON.parse(bytes.subarray(3).toString())).toEqual(right);
  });

  it('huge-body: is as long as it was asked to be', async () => {
    expect((await broken('huge-body')).bytes.length).toBeGreaterThan(300_000);
  });

  it('gzip-bomb: is small on the wire and large behind it', async () => {
    const { bytes, headers } = await broken('gzip-bomb');
    expect(headers['content-encoding']).toBe('gzip');
    expect(bytes.length).toBeLessThan(10_000);
    expect(gunzipSync(bytes).length).toBeGreaterThan(3 * 1024 * 1024);
  });
});
