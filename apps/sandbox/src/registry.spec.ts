import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formBody, interpret, queryString, readWire } from '#adapter-kit';
import type { Adapter, Exchange } from '#adapter-kit';
import type { SimulatorFactory } from '#adapter-kit/testing';
import { registry } from '#adapters';
import { startSandbox } from './sandbox.js';
import type { Sandbox } from './sandbox.js';
import { call, controlOf } from './testing/wire.js';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

async function probe(adapter: Adapter, exchange: Exchange, { provider, demo }: SimulatorFactory) {
  const settings = Object.assign(new adapter.settings(), demo.settings);
  const context = { settings, now: new Date() };
  const request = exchange.request({}, context);
  const proof = adapter.authenticate(demo.credentials, settings, request);
  const query = queryString({ ...request.query, ...proof.query });
  const form = request.form || proof.form ? formBody({ ...request.form, ...proof.form }) : undefined;
  const kind = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded';
  const {
    status = 0,
    headers,
    bytes,
  } = await call(`${sandbox.baseUrl(provider)}${request.path}${query}`, {
    method: request.method,
    text: form ?? (request.json === undefined ? undefined : JSON.stringify(request.json)),
    headers: { accept: 'application/json', 'content-type': kind, ...request.headers, ...proof.headers },
  });
  const answer = readWire(status, headers as Record<string, string>, bytes);
  return { meaning: interpret(adapter, exchange, answer, {}, context), answer };
}

describe.each(Object.entries(registry))('%s', (name, { adapter, simulator }) => {
  it('stands on the simulators under its own name', async () => {
    const { data } = await controlOf(sandbox.url).get('');
    expect(data).toContainEqual(expect.objectContaining({ provider: name, baseUrl: sandbox.baseUrl(name) }));
  });

  it('refuses a call that no document names', async () => {
    const { status } = await call(`${sandbox.baseUrl(name)}/no/such/call`);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  const { check } = adapter;
  if ('exchange' in check)
    it("answers the adapter's probe over the wire, with the demo connection", async () => {
      const { meaning, answer } = await probe(adapter, check.exchange, await simulator());
      expect(meaning, answer.text).toMatchObject({ kind: 'done' });
      const { data } = await controlOf(sandbox.url).get(`/rate?provider=${name}`);
      expect(data).toContainEqual(
        expect.objectContaining({ credential: expect.stringMatching(/^[0-9a-f]{12}$/) }),
      );
    });
});
