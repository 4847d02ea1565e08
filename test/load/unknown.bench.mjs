// Sales and refunds whose answer is lost: for how long is the outcome unknown? A UDS sale may be repeated with its key, a refund
// must be looked up, whether the provider booked it or not. Runs in real time.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../dist/libs/persistence/src/embedded/index.js';
import { keep, round } from './costs.mjs';
import { quantile } from './sliding.mjs';
import { headers, openStores, sale, startGateways } from './stage.mjs';

const SHOPS = 4;
/** Pause between two calls of a shop, in milliseconds. A lost answer costs its lane four or five more calls. */
const PAUSE_MS = 1_000;
/** Every second call meets a fault. */
const FAULT_EVERY = 2;
const PATIENCE_MS = 150_000;
/** The faults of sales, in turn; with all but the last three the provider has booked the sale. */
const FAULTS = [
  'commit-then-reset',
  'commit-then-500',
  'truncated-length',
  'reset-before-reading',
  '500-without-commit',
  '502-html',
];

/** Loses a number of answers of each kind in each shop, and waits until every outcome is known. */
export async function unknown({ quick }) {
  const rows = [];
  for (const store of ['redis', 'postgres']) rows.push(...(await run({ store, each: quick ? 1 : 7 })));
  await keep('unknown', rows, { shops: SHOPS });
}

async function run({ store, each }) {
  const stores = await openStores(store);
  const gateway = await startGateways(stores);
  const client = new pg.Client({ connectionString: stores.databaseUrl });
  await client.connect();
  const shops = await Promise.all(Array.from({ length: SHOPS }, (_, nth) => openShop(gateway, nth)));
  try {
    await Promise.all(shops.map(shop => sell(shop, each)));
    const sold = await allEnded(client, 'createPurchase');
    await Promise.all(shops.map(shop => refund(shop, sold)));
    const refunds = await allEnded(client, 'createRefund');
    const booked = (await Promise.all(shops.map(bookedIn))).flat();
    return table({ store, sold, refunds, booked });
  } finally {
    for (const { child } of shops) child.kill();
    await client.end();
    await gateway.close();
    await stores.close();
  }
}

// An interrupted run leaves no processes behind.
const children = new Set();
process.once('exit', () => children.forEach(child => child.kill('SIGKILL')));

/** A simulated UDS with its own ledger, and a connection to it with its own lane. */
async function openShop(gateway, nth) {
  const port = await freePort();
  const main = join(import.meta.dirname, '../../dist/apps/sandbox/src/main.js');
  const child = spawn(process.execPath, ['--conditions=default', main], {
    env: { PATH: process.env.PATH, SANDBOX_PORT: `${port}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  await new Promise(resolve => child.stdout.once('data', resolve));
  const control = async (path, init) =>
    (await (await fetch(`http://127.0.0.1:${port}/__sim${path}`, init)).json()).data;
  const post = (path, connection, body) =>
    fetch(`${gateway.urls[0]}${path}`, {
      method: 'POST',
      headers: { ...headers(gateway.key, connection), prefer: 'wait=1' },
      body: JSON.stringify(body),
    });
  const { baseUrl, demo } = (await control('')).find(({ provider }) => provider === 'uds');
  const { credentials } = demo;
  const response = await post('/v1/connections', undefined, {
    provider: 'uds',
    slug: `shop-${nth}`,
    baseUrl,
    credentials,
  });
  if (response.status !== 201) throw new Error(await response.text());
  const { id } = await response.json();
  return { child, control, id, post: (path, body) => post(path, id, body) };
}

/** Lets every second call of this path meet the next fault, once: a repeat two seconds later succeeds. */
async function perhapsBreak({ control }, pathPattern, nth) {
  if (nth % FAULT_EVERY > 0) return;
  const fault = FAULTS[(nth / FAULT_EVERY) % FAULTS.length];
  await control('/faults', {
    method: 'POST',
    body: JSON.stringify({ fault, method: 'POST', pathPattern, count: 1 }),
  });
}

async function sell(shop, each) {
  await evenly(each * FAULTS.length * FAULT_EVERY, async nth => {
    await perhapsBreak(shop, '^/operations$', nth);
    const body = sale();
    body.identifier.value = '700007';
    body.receipt.total.amount = (100 + nth / 100).toFixed(2);
    return shop.post('/v1/purchases', body);
  });
}

async function refund(shop, sold) {
  const purchases = sold.filter(({ connection, state }) => connection === shop.id && state === 'succeeded');
  await evenly(purchases.length, async nth => {
    await perhapsBreak(shop, '^/operations/[0-9]+/refund$', nth);
    await shop.post(`/v1/purchases/${purchases[nth].resource}/refunds`, { merchantReference: randomUUID() });
  });
}

async function evenly(count, call) {
  const calls = [];
  for (let nth = 0; nth < count; nth++) {
    calls.push(call(nth));
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
  }
  await Promise.all(calls);
}

/** The final state of each operation of a kind, and for how long its outcome was unknown, from its timeline. */
async function allEnded(client, kind) {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const { rows } = await client.query(
      `select o.merchant_reference as reference, o.resource_id as resource, o.connection_id as connection, o.state,
         extract(epoch from max(e.at) filter (where e.state = o.state) - min(e.at) filter (where e.state = 'unknown')) as seconds
       from operations o join operation_events e on e.operation_id = o.id where o.kind = $1 group by o.id`,
      [kind],
    );
    const open = rows.filter(({ state }) => ['queued', 'dispatching', 'unknown'].includes(state));
    if (open.length === 0 || performance.now() > until) return rows;
    await new Promise(resolve => setTimeout(resolve, 1_000));
  }
}

/** The purchases and refunds in a shop's ledger. */
async function bookedIn({ control }) {
  return (await control('/journal?provider=uds&effects=true')).map(({ effect }) => effect);
}

function table({ store, sold, refunds, booked }) {
  const of = type => booked.filter(effect => effect.type === type).length;
  const row = (what, operations) => {
    const seconds = operations.filter(each => each.seconds !== null).map(each => Number(each.seconds));
    return {
      store,
      what,
      operations: operations.length,
      'were unknown': seconds.length,
      'known after, p50 s': round(quantile(seconds, 0.5)),
      'p95 s': round(quantile(seconds, 0.95)),
      'latest s': round(Math.max(...seconds)),
      'in the ledger': '',
    };
  };
  const inState = (operations, state) => operations.filter(each => each.state === state);
  return [
    { ...row('sales, repeated with their key', inState(sold, 'succeeded')), 'in the ledger': of('purchase') },
    { ...row('refunds that were booked', inState(refunds, 'succeeded')), 'in the ledger': of('refund') },
    row('refunds that were not', inState(refunds, 'rejected')),
    ...[
      row('sales that were not', inState(sold, 'rejected')),
      ...['queued', 'dispatching', 'unknown', 'needs-review'].map(state =>
        row(state, inState([...sold, ...refunds], state)),
      ),
    ].filter(({ operations }) => operations > 0),
  ];
}
