// Makes calls at an even rate, without waiting for responses, in its own process; reports the duration of each call and its own CPU time.
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity });

const code = { identifier: { type: 'code', value: '123456' } };
const money = { amount: '100.00', currency: 'RUB' };
const shapes = {
  'direct read': ({ lane }) => ({
    method: 'GET',
    path: '/customers/find?code=123456',
    headers: { authorization: lane.credential },
  }),
  'direct write': ({ lane }) => ({
    path: '/operations',
    headers: { authorization: lane.credential },
    body: {
      code: '123456',
      nonce: randomUUID(),
      receipt: { total: 100, cash: 100, points: 0, number: randomUUID() },
    },
  }),
  'naive read': ({ lane }) => ({ path: '/read', body: { lane: lane.index } }),
  'naive write': ({ lane }) => ({ path: '/write', body: { lane: lane.index, number: randomUUID() } }),
  'bare read': ({ lane }) => ({ path: '/read', body: { lane: lane.index } }),
  'bare write': ({ lane }) => ({ path: '/write', body: { lane: lane.index, number: randomUUID() } }),
  'gateway read': ({ lane, key }) => ({
    path: '/v1/customers/lookup',
    headers: { authorization: `Bearer ${key}`, 'gateway-connection': lane.connection },
    body: code,
  }),
  'gateway write': ({ lane, key }) => ({
    path: '/v1/purchases',
    headers: {
      authorization: `Bearer ${key}`,
      'gateway-connection': lane.connection,
      'idempotency-key': randomUUID(),
    },
    body: { ...code, merchantReference: randomUUID(), receipt: { total: money } },
  }),
};

function call({ url, shape, key }, lane) {
  const { hostname, port } = new URL(url);
  const { method = 'POST', path, headers = {}, body } = shapes[shape]({ lane, key });
  const text = body && JSON.stringify(body);
  const since = performance.now();
  return new Promise(resolve => {
    const done = status => resolve({ status, ms: performance.now() - since });
    const outgoing = request(
      {
        hostname,
        port,
        path,
        method,
        agent,
        headers: {
          ...headers,
          ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        },
      },
      answer => answer.resume().once('end', () => done(answer.statusCode)),
    );
    outgoing.once('error', () => done(0));
    outgoing.end(text);
  });
}

async function run(plan) {
  const { perSecond, seconds, lanes, urls } = plan;
  const from = performance.now();
  const before = process.cpuUsage();
  const calls = [];
  for (let i = 0; i < perSecond * seconds; i++) {
    const waitMs = from + (i * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await new Promise(resolve => setTimeout(resolve, waitMs));
    calls.push(call({ ...plan, url: urls[i % urls.length] }, lanes[i % lanes.length]));
  }
  const ended = await Promise.all(calls);
  const { user, system } = process.cpuUsage(before);
  return {
    ms: ended.filter(({ status }) => status >= 200 && status < 300).map(({ ms }) => ms),
    failed: ended.filter(({ status }) => status < 200 || status >= 300).map(({ status }) => status),
    cpuMs: (user + system) / 1_000,
  };
}

process.on('message', async plan => process.send(await run(plan)));
process.on('disconnect', () => process.exit(0));
process.send({ ready: true });
