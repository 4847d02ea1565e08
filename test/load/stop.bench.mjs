// SIGTERM to the REST process under load. Accepted sales are answered or go on, and no request is cut off.
import { Agent, request } from 'node:http';
import { referencesIn, statesIn } from './backlog.rows.mjs';
import { keep } from './costs.mjs';
import { headers, makeConnections, openStores, sale, startGateways, startUpstream } from './stage.mjs';

const PATIENCE_MS = 120_000;
const LANES = 20;
const PER_SECOND = 40;

/** Sells at an even rate, stops the REST process halfway, and compares the responses, the rows and the provider's receipts. */
export async function stop({ quick }) {
  const rows = [];
  for (const store of ['redis', 'postgres']) rows.push(await run({ store, seconds: quick ? 2 : 6 }));
  await keep('stop', rows, { perSecond: PER_SECOND });
}

async function run({ store, seconds }) {
  const stores = await openStores(store);
  const upstream = await startUpstream({ delayMs: 50 });
  const gateway = await startGateways(stores, { workers: 1 });
  const agent = new Agent({ keepAlive: true });
  try {
    const connections = await makeConnections(gateway, upstream, LANES);
    await Promise.all(connections.map(connection => sell({ gateway, agent, connection })));
    const { responses, exitMs } = await sellAndStop({ gateway, agent, connections, seconds });
    await until(async () => {
      const { queued = 0, dispatching = 0, unknown = 0 } = await statesIn(stores.databaseUrl);
      return queued + dispatching + unknown === 0;
    });
    const accepted = await referencesIn(stores.databaseUrl);
    const { receipts } = await upstream.ask('report');
    return {
      store,
      ...figures(responses, accepted, receipts),
      'exit after ms': exitMs,
      otherwise: JSON.stringify(await statesIn(stores.databaseUrl)),
    };
  } finally {
    agent.destroy();
    for (const each of [gateway, upstream, stores]) await each.close();
  }
}

/** Half of the sales before the stop and half after it; returns their responses, and how long the process took to exit. */
async function sellAndStop({ gateway, agent, connections, seconds }) {
  const selling = [];
  let stopped;
  for (let i = 0; i < PER_SECOND * seconds; i++) {
    if (i === (PER_SECOND * seconds) / 2) stopped = stopAfter(gateway);
    selling.push(sell({ gateway, agent, connection: connections[i % LANES] }));
    await new Promise(resolve => setTimeout(resolve, 1_000 / PER_SECOND));
  }
  return { responses: await Promise.all(selling), exitMs: await stopped };
}

function figures(responses, accepted, receipts) {
  const withStatus = wanted => responses.filter(({ status }) => status === wanted);
  const cutOff = responses.filter(({ code }) => code && code !== 'ECONNREFUSED');
  return {
    sales: responses.length,
    'answered 201': withStatus(201).length,
    'answered 202': withStatus(202).length,
    'answered 503': withStatus(503).length,
    'not let in (connection refused)': responses.filter(({ code }) => code === 'ECONNREFUSED').length,
    'accepted and cut off': responses.filter(({ code, reference }) => code && accepted.has(reference)).length,
    'cut off before acceptance': cutOff.filter(({ reference }) => !accepted.has(reference)).length,
    'told 201 without a receipt': withStatus(201).filter(({ reference }) => !receipts.has(reference)).length,
    'receipts twice': [...receipts.values()].filter(times => times > 1).length,
  };
}

async function stopAfter(gateway) {
  const since = performance.now();
  await gateway.stopFaces();
  return Math.round(performance.now() - since);
}

/** One sale; returns its reference with the status, or with the error code if the connection broke. */
function sell({ gateway: { urls, key }, agent, connection }) {
  const body = sale();
  const reference = body.merchantReference;
  return new Promise(resolve => {
    const outgoing = request(
      `${urls[0]}/v1/purchases`,
      { method: 'POST', agent, headers: headers(key, connection) },
      answer => {
        answer.resume().once('end', () => resolve({ reference, status: answer.statusCode }));
        answer.once('error', ({ code }) => resolve({ reference, code }));
      },
    );
    outgoing.once('error', ({ code }) => resolve({ reference, code }));
    outgoing.end(JSON.stringify(body));
  });
}

async function until(met) {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
    if (await met()) return;
    await new Promise(resolve => setTimeout(resolve, 250));
  }
}
