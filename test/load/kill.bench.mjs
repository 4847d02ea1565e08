// kill -9 of the REST process with sales in flight. Nothing is sent twice, nothing is stuck, no answer is false.
import { randomUUID } from 'node:crypto';
import { statesIn } from './backlog.rows.mjs';
import { keep } from './costs.mjs';
import { headers, makeConnections, openStores, sale, startGateways, startUpstream } from './stage.mjs';

const PATIENCE_MS = 120_000;

/** Sends sales to a provider that does not answer, kills the process, lets the provider answer again, and waits until every row is final. */
export async function kill({ quick }) {
  const rows = [];
  for (const store of ['redis', 'postgres']) rows.push(await run({ store, calls: quick ? 5 : 20 }));
  await keep('kill', rows);
}

async function run({ store, calls }) {
  const stores = await openStores(store);
  const upstream = await startUpstream();
  const gateway = await startGateways(stores, { workers: 1 });
  try {
    const connections = await makeConnections(gateway, upstream, calls);
    await Promise.all(connections.map(connection => warm(gateway, connection)));
    await upstream.ask('clear');
    await upstream.ask('silence');
    const sales = connections.map(connection => sell(gateway, connection).catch(() => undefined));
    await until(async () => (await upstream.ask('report')).receipts.size === calls);
    await gateway.killFaces();
    await Promise.all(sales);
    const sent = (await upstream.ask('report')).receipts;
    await upstream.ask('speak');
    const from = performance.now();
    await until(async () => ((await statesIn(stores.databaseUrl)).dispatching ?? 0) === 0);
    const freedMs = Math.round(performance.now() - from);
    const states = await statesIn(stores.databaseUrl);
    await until(async () => ((await statesIn(stores.databaseUrl)).unknown ?? 0) === 0);
    const { receipts } = await upstream.ask('report');
    const twice = [...sent.values()].filter(times => times > 1).length;
    const { succeeded = 0, ...others } = await statesIn(stores.databaseUrl);
    return {
      store,
      'in flight': calls,
      sent: sent.size,
      'sent twice before anybody looked': twice,
      'first states after the kill': JSON.stringify(states),
      'ms until none was held by the dead': freedMs,
      'succeeded in the end': succeeded - calls,
      otherwise: JSON.stringify(others),
      'receipts at the provider': receipts.size,
      run: randomUUID().slice(0, 8),
    };
  } finally {
    for (const each of [gateway, upstream, stores]) await each.close();
  }
}

// One sale per connection, so that the provider's settings are cached and the killed calls are the sales themselves.
async function warm(gateway, connection) {
  const answer = await sell(gateway, connection);
  if (answer.status !== 201) throw new Error(await answer.text());
}

const sell = ({ urls: [url], key }, connection) =>
  fetch(`${url}/v1/purchases`, {
    method: 'POST',
    headers: headers(key, connection),
    body: JSON.stringify(sale()),
  });

async function until(met) {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
    if (await met()) return;
    await new Promise(resolve => setTimeout(resolve, 250));
  }
}
