import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { startServer } from '../../../test/support/server.js';
import { ProblemError, createLoyaltyClient, memoryKeys } from './index.js';
import type { LoyaltyClientOptions, Operation, Problem } from './index.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const json = (status: number, body: object | null, headers: Record<string, string> = {}): Answer => {
  const type = status < 400 ? 'application/json' : 'application/problem+json; charset=utf-8';
  return (_, response) =>
    void response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body));
};
const problem = (status: number, code: Problem['code'], more: Partial<Problem> = {}, retryAfter?: string) =>
  json(
    status,
    { status, code, detail: code, retryable: false, outcome: 'not-executed', ...more },
    retryAfter === undefined ? {} : { 'retry-after': retryAfter },
  );
const operation = (state: Operation['state']) => json(202, { id: 'opr_1', kind: 'createPurchase', state });
const done = json(201, { id: 'pur_1', state: 'succeeded' });
const dropped: Answer = request => void request.socket.destroy();
const page =
  (status: number): Answer =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>proxy</h1>');

const sale = {
  identifier: { type: 'code', value: '123456' },
  merchantReference: 'order-1',
  receipt: { total: { amount: '10.00', currency: 'RUB' } },
} as const;

describe('a write', () => {
  const servers: { close(): Promise<void> }[] = [];
  afterEach(() => Promise.all(servers.splice(0).map(server => server.close())));

  /** A gateway that gives these answers, one after the other, and the last one for ever. */
  async function gateway(answers: Answer[], options: Partial<LoyaltyClientOptions> = {}) {
    const seen: { key: unknown; prefer: unknown; connection: unknown; url: unknown }[] = [];
    const server = await startServer((request, response) => {
      const { 'idempotency-key': key, prefer, 'gateway-connection': connection } = request.headers;
      seen.push({ key, prefer, connection, url: request.url });
      request
        .resume()
        .on('end', () => answers[Math.min(seen.length, answers.length) - 1]!(request, response));
    });
    servers.push(server);
    const retry = { attempts: 3, firstPauseMs: 1, longestPauseMs: 2 };
    const client = createLoyaltyClient({ baseUrl: `${server.url}/`, apiKey: 'lgk_x', retry, ...options });
    return { client, seen };
  }

  const saturated = problem(503, 'lane-saturated', { retryable: true }, '0');

  it('is repeated while the gateway says that it may be, and under one key', async () => {
    const { client, seen } = await gateway([saturated, saturated, done]);
    const result = await client.purchase(sale, { connection: 'uds' });
    expect(result).toMatchObject({ outcome: 'done', resource: { id: 'pur_1' }, replayed: false });
    expect(seen).toHaveLength(3);
    expect(seen.every(({ key, connection }) => key === result.key && connection === 'uds')).toBe(true);
  });

  it('is not repeated when it was refused, nor when the gateway failed without a promise', async () => {
    const refused = await gateway([problem(422, 'insufficient-points'), done]);
    expect(await refused.client.purchase(sale)).toMatchObject({ outcome: 'refused' });
    expect(refused.seen).toHaveLength(1);
    const failed = await gateway([problem(500, 'internal-error', { outcome: 'unknown' }), done]);
    expect(await failed.client.purchase(sale)).toMatchObject({
      outcome: 'unknown',
      problem: { code: 'internal-error' },
    });
    expect(failed.seen).toHaveLength(1);
  });

  it('is unknown when its key is said to be of other content, which only a new default connection explains', async () => {
    const answers = [dropped, dropped, dropped, problem(422, 'idempotency-key-reused'), done];
    const { client, seen } = await gateway(answers);
    expect(await client.purchase(sale)).toMatchObject({ outcome: 'unknown' });
    expect(await client.purchase(sale)).toMatchObject({
      outcome: 'unknown',
      problem: { code: 'idempotency-key-reused' },
    });
    await client.purchase(sale);
    expect(new Set(seen.map(({ key }) => key)).size).toBe(1);
  });

  it('gives up in time when it is told to come back later than its caller waits', async () => {
    const { client, seen } = await gateway([problem(429, 'too-many-requests', { retryable: true }, '3600')]);
    expect(await client.purchase(sale)).toMatchObject({ outcome: 'refused', problem: { retryable: true } });
    expect(seen).toHaveLength(1);
  });

  it.each([
    ['a revoked key', problem(401, 'unauthenticated')],
    ['a paused connection', problem(424, 'connection-paused')],
    ['an identity token that has ended', problem(410, 'identity-token-expired')],
    ['a limit', problem(429, 'too-many-requests', { retryable: true }, '0')],
  ])('is not called refused by %s when an earlier try may have been taken in', async (_, refusal) => {
    const alone = await gateway([refusal]);
    expect((await alone.client.purchase(sale)).outcome).toBe('refused');
    const after = await gateway([dropped, refusal]);
    const result = await after.client.purchase(sale);
    expect(result).toMatchObject({ outcome: 'unknown', problem: { outcome: 'not-executed' } });
    const refusedThen = await after.client.purchase(sale);
    expect(refusedThen).toMatchObject({ outcome: 'unknown', key: result.key });
  });

  it.each([
    'idempotency-key-missing',
    'idempotency-key-invalid',
    'malformed-json',
    'unsupported-media-type',
  ] as const)(
    'is not called refused by %s, which is said of what arrived, when an earlier try may have been taken in',
    async code => {
      expect(await (await gateway([problem(400, code)])).client.purchase(sale)).toMatchObject({
        outcome: 'refused',
      });
      const { client, seen } = await gateway([dropped, problem(400, code)]);
      expect(await client.purchase(sale)).toMatchObject({ outcome: 'unknown', problem: { code } });
      await client.purchase(sale);
      expect(new Set(seen.map(({ key }) => key)).size).toBe(1);
    },
  );

  it.each(['', 'f81d4fae-7d', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf\0'])(
    'is not sent with a key that its store has damaged (%j)',
    async key => {
      const keyStore = { ...memoryKeys(), keep: async () => ({ key, fresh: false }) };
      const { client, seen } = await gateway([done], { keyStore });
      await expect(client.purchase(sale)).rejects.toThrow(
        /^The kept key of the intent [0-9a-f]{64} is damaged/,
      );
      expect(seen).toEqual([]);
    },
  );

  it('keeps its key where its gateway gets another address', async () => {
    const keyStore = memoryKeys();
    const before = await gateway([page(404)], { keyStore });
    const after = await gateway([done], { keyStore });
    const hold = { customerId: 'cus_1', points: '10' };
    const { key } = await before.client.hold(hold);
    expect(await after.client.hold(hold)).toMatchObject({ outcome: 'done', key });
    const named = await before.client.hold(hold, { intent: 'receipt-1' });
    expect(await after.client.hold(hold, { intent: 'receipt-1' })).toMatchObject({ key: named.key });
  });

  it.each([
    ['with a wrong API key', problem(401, 'unauthenticated', { outcome: 'unknown' })],
    ['by a limit', problem(429, 'too-many-requests', { retryable: true, outcome: 'unknown' }, '3600')],
  ])('is refused %s if it is the first try, though the gateway cannot know that', async (_, refusal) => {
    const alone = await gateway([refusal]);
    expect((await alone.client.purchase(sale)).outcome).toBe('refused');
    const after = await gateway([dropped, refusal]);
    expect((await after.client.purchase(sale)).outcome).toBe('unknown');
  });

  it('is not called refused either by a limit after the gateway itself could not say what became of it', async () => {
    const lost = problem(503, 'dependency-unavailable', { retryable: true, outcome: 'unknown' }, '0');
    const { client } = await gateway([lost, problem(401, 'unauthenticated')]);
    expect(await client.purchase(sale)).toMatchObject({ outcome: 'unknown' });
  });

  it('is refused after a lost try when the gateway looked at the key first', async () => {
    const { client } = await gateway([dropped, problem(422, 'insufficient-points')]);
    expect(await client.purchase(sale)).toMatchObject({ outcome: 'refused' });
    const ended = await gateway([dropped, problem(404, 'customer-not-found', { operationId: 'opr_1' })]);
    expect(await ended.client.purchase(sale)).toMatchObject({ outcome: 'refused' });
  });

  it('takes a proxy’s page for no answer: 5xx is repeated, 4xx and redirects are not', async () => {
    const broken = await gateway([page(502), page(200), done]);
    expect(await broken.client.purchase(sale)).toMatchObject({ outcome: 'done' });
    const wrong = await gateway([page(404), done]);
    expect(await wrong.client.purchase(sale)).toMatchObject({
      outcome: 'unknown',
      cause: expect.any(Error) as Error,
    });
    const moved = await gateway([(_, response) => response.writeHead(307, { location: '/' }).end(), done]);
    expect(await moved.client.purchase(sale)).toMatchObject({ outcome: 'unknown' });
    expect([wrong.seen.length, moved.seen.length]).toEqual([1, 1]);
  });

  it('takes half an answer for a lost one', async () => {
    const half: Answer = (request, response) => {
      response.writeHead(201, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"id":', () => request.socket.destroy());
    };
    const { client } = await gateway([half, json(201, { id: 'pur_1' }, { 'idempotency-replayed': 'true' })]);
    expect(await client.purchase(sale)).toMatchObject({ outcome: 'done', replayed: true });
  });

  it('waits while it runs, asking for as long a wait as its caller has', async () => {
    const { client, seen } = await gateway([operation('queued'), operation('unknown'), done]);
    expect(await client.purchase(sale)).toMatchObject({ outcome: 'done' });
    expect(seen.map(({ prefer }) => prefer)).toEqual(['wait=10', 'wait=10', 'wait=10']);
    const hasty = await gateway([operation('queued')]);
    expect(await hasty.client.purchase(sale, { waitMs: 400 })).toMatchObject({
      outcome: 'unknown',
      operation: { id: 'opr_1' },
    });
    expect(hasty.seen).toMatchObject([{ prefer: 'wait=0' }]);
  });

  it('does not wait for a person', async () => {
    const { client, seen } = await gateway([operation('needs-review'), done]);
    const result = await client.purchase(sale);
    expect(result).toMatchObject({ outcome: 'unknown', operation: { state: 'needs-review' } });
    expect(seen).toHaveLength(1);
  });

  it('ends early when its caller gives up', async () => {
    const { client } = await gateway([() => undefined]);
    const given = AbortSignal.timeout(50);
    expect(await client.purchase(sale, { signal: given })).toMatchObject({ outcome: 'unknown' });
  });

  it('is lost when nobody answers in time', async () => {
    const { client, seen } = await gateway([() => undefined, done], { timeoutMs: 300, waitMs: 1_400 });
    expect(await client.purchase(sale)).toMatchObject({ outcome: 'done' });
    expect(seen[0]).toMatchObject({ key: seen[1]!.key });
  });

  it('keeps its key until its outcome is known, and a sale’s key beyond', async () => {
    const keyStore = memoryKeys();
    const lost = await gateway([page(404)], { keyStore });
    const { client, seen } = lost;
    const hold = { customerId: 'cus_1', points: '10' };
    await client.hold(hold);
    await client.hold({ points: '10', customerId: 'cus_1' });
    await client.hold({ ...hold, points: '11' });
    await client.hold(hold, { connection: 'other' });
    expect(new Set(seen.map(({ key }) => key)).size).toBe(3);
    expect(seen[1]!.key).toBe(seen[0]!.key);

    const good = await gateway([done]);
    const keyOf = async (result: Promise<{ key: string }>) => (await result).key;
    expect(await keyOf(good.client.hold(hold))).not.toBe(await keyOf(good.client.hold(hold)));
    const named = { intent: 'receipt-1' };
    expect(await keyOf(good.client.hold(hold, named))).toBe(await keyOf(good.client.hold(hold, named)));
    expect(await keyOf(good.client.purchase(sale))).toBe(await keyOf(good.client.purchase(sale)));
  });

  it('is told as replayed where the reference was known under another key', async () => {
    const { client } = await gateway([json(200, { id: 'pur_1', state: 'succeeded' })]);
    expect(await client.purchase(sale)).toMatchObject({ outcome: 'done', replayed: true });
    expect(await client.release('hld_1')).toMatchObject({ outcome: 'done', replayed: false });
  });

  it('is told also where its key cannot be let go of', async () => {
    const keyStore = { ...memoryKeys(), forget: () => Promise.reject(new Error('disk full')) };
    const { client } = await gateway([done, problem(422, 'insufficient-points')], { keyStore });
    expect(await client.hold({ customerId: 'cus_1', points: '10' })).toMatchObject({ outcome: 'done' });
    expect(await client.purchase(sale)).toMatchObject({ outcome: 'refused' });
  });

  it('takes the problem document of a proxy for no answer', async () => {
    const proxy = json(503, { type: 'about:blank', title: 'Service Unavailable', status: 503 });
    const { client, seen } = await gateway([proxy, done]);
    expect(await client.purchase(sale)).toMatchObject({ outcome: 'done' });
    expect(seen).toHaveLength(2);
  });

  it('goes to the route that it names, with its ids escaped', async () => {
    const { client, seen } = await gateway([done]);
    await client.write('/v1/customers/{id}/balance-adjustments', {
      params: { id: 'cus/1' },
      body: { delta: { amount: '-1.00', currency: 'RUB' } },
    });
    await client.release('hld_1');
    expect(seen.map(({ url }) => url)).toEqual([
      '/v1/customers/cus%2F1/balance-adjustments',
      '/v1/holds/hld_1/release',
    ]);
  });

  describe('and the calls of every route', () => {
    it('read again after a proxy’s page, and give the page when it stays', async () => {
      const { client, seen } = await gateway([page(502), json(200, { name: 'x' })]);
      expect((await client.api.GET('/v1/program')).data).toEqual({ name: 'x' });
      expect(seen).toHaveLength(2);
      const broken = await gateway([page(502)]);
      expect((await broken.client.api.GET('/v1/program')).response.status).toBe(502);
      expect(broken.seen).toHaveLength(3);
    });

    it('repeat what has no key only where nothing was done', async () => {
      const away = (outcome: Problem['outcome']) =>
        problem(503, 'dependency-unavailable', { retryable: true, outcome }, '0');
      const body = { name: 'till', scopes: [] };
      const unsure = await gateway([away('unknown')]);
      await unsure.client.api.POST('/v1/api-keys', { body });
      const sure = await gateway([away('not-executed')]);
      await sure.client.api.POST('/v1/api-keys', { body });
      expect([unsure.seen.length, sure.seen.length]).toEqual([1, 3]);
    });

    it('give a stream as it begins, whoever asked for it how', async () => {
      const stream: Answer = (_, response) =>
        void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      const { client } = await gateway([stream], { timeoutMs: 1_000 });
      const { data } = await client.api.GET('/v1/lanes/stream', { parseAs: 'stream' });
      const reader = data!.getReader();
      expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 1\n\n');
      await reader.cancel();
    });
  });

  describe('and a wait for an operation', () => {
    it('goes on over a lost look, and tells a proxy’s page as what it is', async () => {
      const running = json(200, { id: 'opr_1', state: 'unknown' });
      const settled = json(200, { id: 'opr_1', state: 'succeeded' });
      const { client } = await gateway([running, page(404), dropped, settled]);
      expect(await client.settled('opr_1')).toMatchObject({ state: 'succeeded' });
      const wrong = await gateway([page(404)]);
      await expect(wrong.client.settled('opr_1')).rejects.toThrow(
        'HTTP 404 is not an answer of the gateway.',
      );
      const empty = await gateway([json(404, null)]);
      await expect(empty.client.settled('opr_1')).rejects.toThrow(
        'HTTP 404 is not an answer of the gateway.',
      );
      const unknown = await gateway([problem(404, 'not-found')]);
      await expect(unknown.client.settled('opr_1')).rejects.toBeInstanceOf(ProblemError);
    });

    it('ends when its caller gives up, with what was seen last', async () => {
      const caller = new AbortController();
      const silent: Answer = () => caller.abort(new Error('gone'));
      const { client } = await gateway([json(200, { id: 'opr_1', state: 'queued' }), silent]);
      expect(await client.settled('opr_1', { signal: caller.signal })).toMatchObject({ state: 'queued' });
      await expect(client.settled('opr_1', { signal: caller.signal })).rejects.toThrow('gone');
    });

    it('ends when its time is over, also where nobody answers', async () => {
      const { client, seen } = await gateway([() => undefined], { timeoutMs: 100 });
      await expect(client.settled('opr_1', { waitMs: 100 })).rejects.toThrow();
      expect(seen).toHaveLength(1);
    });
  });
});
