// A calling process of the lanes benchmark: keeps its lanes full of bulk calls, and makes interactive calls in some.
import { Agent, request } from 'node:http';
import { Redis } from 'ioredis';
import pg from 'pg';
import { PostgresLanes } from '../../dist/libs/outbound/src/lanes/postgres-lanes.js';
import { PreparedClient } from '../../dist/libs/persistence/src/prepared-client.js';
import { RedisLanes } from '../../dist/libs/outbound/src/lanes/redis-lanes.js';

const BUDGET_MS = 10_000;
// As in the gateway (libs/outbound/src/calls/exchange.ts): the first request on a new connection is read later.
const OPENING_MS = 60;
// Every call has a warm socket: waiting in the pool after the slot was granted would break the limit.
const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity });

process.on('message', async job => {
  const opened = openLanes(job);
  const { lanes, questions, close } = opened;
  if (job.touch) {
    for (let i = 0; i < job.touch; i += 50)
      await Promise.all(
        Array.from({ length: 50 }, (_, j) =>
          lanes.enter({ fingerprint: `idle-${i + j}`, requests: 5, perMs: 1_000 }, 'interactive', 5_000),
        ),
      );
    return process.send({ connections: await opened.connections() }, () => close());
  }
  const tally = { sent: new Map(), waits: [], refused: 0, down: 0, late: 0, failed: 0 };
  const open = { lanes, tally, port: job.port, until: performance.now() + job.runMs };
  const before = process.cpuUsage();
  await Promise.all([
    ...job.bulk.map(lane => keepFull(open, lane)),
    ...(job.perLaneSecond > 0
      ? job.interactive.map(lane => callNowAndThen(open, lane, job.perLaneSecond))
      : []),
  ]);
  const { user, system } = process.cpuUsage(before);
  const report = {
    ...tally,
    questions: questions(),
    cpuMs: (user + system) / 1_000,
    rssMiB: Math.round(process.memoryUsage.rss() / 1024 / 1024),
    connections: await opened.connections(),
  };
  await close();
  agent.destroy();
  process.send(report, () => process.exit(0));
});
process.on('disconnect', () => process.exit(1));
process.send({ ready: true });

function openLanes({ store, url }) {
  if (store === 'redis') {
    const lanes = new RedisLanes({ url });
    const connections = () => connectionsOf(url);
    return { lanes, questions: () => 0, connections, close: () => lanes.close() };
  }
  const pool = new pg.Pool({ connectionString: url, max: 10, Client: PreparedClient });
  let acquired = 0;
  pool.on('acquire', () => acquired++);
  const lanes = new PostgresLanes(pool);
  const connections = async () => {
    const { rows } = await pool.query(
      `select count(*)::int as n from pg_stat_activity where backend_type = 'client backend'`,
    );
    return rows[0].n;
  };
  const close = () => lanes.close().then(() => pool.end());
  return { lanes, questions: () => acquired, connections, close };
}

async function connectionsOf(url) {
  const redis = new Redis(url);
  const clients = Number(/connected_clients:(\d+)/.exec(await redis.info('clients'))?.[1]);
  redis.disconnect();
  return clients - 1;
}

async function keepFull(open, lane) {
  while (performance.now() < open.until) await call(open, lane, 'bulk');
}

async function callNowAndThen(open, lane, perSecond) {
  for (;;) {
    const gapMs = (-Math.log(1 - Math.random()) * 1_000) / perSecond;
    if (performance.now() + gapMs > open.until) return;
    await new Promise(resolve => setTimeout(resolve, gapMs));
    const since = performance.now();
    await call(open, lane, 'interactive');
    open.tally.waits.push({ at: since + performance.timeOrigin, ms: performance.now() - since });
  }
}

async function call({ lanes, tally, port, until }, lane, cls) {
  try {
    const slot = await lanes.enter(lane, cls, Math.min(BUDGET_MS, Math.max(0, until - performance.now())));
    if (slot.granted) send(lanes, tally, port, lane, slot);
    else if (performance.now() < until - BUDGET_MS) tally.refused++;
  } catch {
    tally.down++;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

function send(lanes, tally, port, lane, slot) {
  const outgoing = request(
    { host: '127.0.0.1', port, path: `/${lane.index}`, agent, method: 'POST' },
    answer => answer.resume(),
  );
  outgoing.once('error', () => tally.failed++);
  outgoing.once('finish', () => {
    const writtenAt = performance.now();
    lanes.sent(slot, outgoing.reusedSocket ? writtenAt : writtenAt + OPENING_MS);
    if (writtenAt - slot.dueAt > 3) tally.late++;
    if (!tally.sent.has(lane.index)) tally.sent.set(lane.index, []);
    tally.sent.get(lane.index).push(performance.timeOrigin + writtenAt);
  });
  outgoing.end();
}
