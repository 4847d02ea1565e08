// A shop's backend over queues: it puts an order into `loyalty.commands` and reads what became of it from a queue of its own.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLoyaltyClient } from '#client';
import { openQueues } from './queues.js';

const QUEUE = 'shop-events';
const LONGEST_MS = 45_000;
/** States of a purchase that no longer change by themselves: at `needs-review` a person has to decide. */
const ENDED = ['succeeded', 'rejected', 'cancelled', 'expired', 'needs-review'];

const { values } = parseArgs({ options: { order: { type: 'string' } } });
/** The shop's own number of the order. The same one again is the same command: it is carried out once. */
const order = values.order ?? `order-${Date.now()}`;
const dataDir = process.env.DATA_DIR ?? '.data';
const baseUrl = process.env.GATEWAY_URL ?? `http://127.0.0.1:${process.env.PORT ?? 3000}`;

const loyalty = createLoyaltyClient({ baseUrl, apiKey: process.env.API_KEY ?? demoKey() });

let subscription;
let queues;
let outcome;
try {
  subscription = await subscribe(['purchase.*', 'operation.*']);
  console.log(`Subscribed: ${subscription.events.join(', ')} → queue ${subscription.queue}`);
  queues = openQueues(process.env, dataDir);
  const fate = consume(subscription.queue);
  // It may be known before anybody waits for it, also where it is bad.
  fate.catch(() => undefined);
  // Of an order that was settled in an earlier run nothing new will be heard.
  const before = await known(order);
  await queues.queue('loyalty.commands').add('order', commandOf(order));
  console.log(`Sent the command of ${order}`);
  outcome = before ?? (await fate);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  // A real consumer keeps its subscription; this one cleans up, so that it can be run again and again.
  if (subscription) {
    await loyalty.api.DELETE('/v1/subscriptions/{id}', { params: { path: { id: subscription.id } } });
  }
  await queues?.close();
}
// Only now, when no further event can be read: it is the last line.
if (outcome) console.log(`${order} is ${outcome}`);

async function subscribe(events) {
  const body = { target: { type: 'queue', name: QUEUE }, events };
  const { data, error } = await loyalty.api.POST('/v1/subscriptions', { body }).catch(cause => {
    throw new Error(`The gateway does not answer at ${baseUrl}: run npm start first, or set GATEWAY_URL.`, {
      cause,
    });
  });
  if (error) throw new Error(error.detail);
  return data;
}

/** What goes into the queue: the body that REST takes, and which connection and key it goes with. */
function commandOf(merchantReference) {
  return {
    connection: 'uds',
    idempotencyKey: `shop-command-${merchantReference}`,
    kind: 'createPurchase',
    body: {
      identifier: { type: 'phone', value: '+79990000001' },
      merchantReference,
      receipt: { total: { amount: '750.00', currency: 'RUB' } },
    },
  };
}

/** Reads events until our order's fate is known. */
function consume(name) {
  const seen = new Map();
  return new Promise((resolve, reject) => {
    const sentence = `Nothing was heard of ${order} within ${LONGEST_MS / 1000} s.`;
    setTimeout(() => reject(new Error(sentence)), LONGEST_MS).unref();
    queues.worker(name, async ({ data: event }) => {
      const { id } = event.data;
      // At least once and in no promised order: a duplicate or an older event changes nothing.
      if ((seen.get(id) ?? 0) >= event.sequence) return;
      seen.set(id, event.sequence);
      console.log(`${event.timestamp}  ${event.type}  ${id}`);
      if (!event.type.startsWith('purchase.')) return;
      const fate = await known(order);
      if (fate) resolve(fate);
    });
    queues.worker('loyalty.commands.dead', async ({ data: { command, problem } }) => {
      if (command.idempotencyKey !== commandOf(order).idempotencyKey) return;
      reject(new Error(`The command of ${order} cannot be carried out: ${problem.detail}`));
    });
  });
}

/** How an order ended, once it did. Events are thin: what they are about is read. */
async function known(merchantReference) {
  const params = { query: { merchantReference }, header: { 'Gateway-Connection': 'uds' } };
  const { data, error } = await loyalty.api.GET('/v1/purchases', { params });
  // No purchase stands under what can be no reference; what is wrong with it, the command that was put aside tells.
  if (error?.status === 400) return undefined;
  if (error) throw new Error(error.detail);
  const [purchase] = data.data;
  if (!ENDED.includes(purchase?.state)) return undefined;
  const { payable, earnedPoints } = purchase.result ?? {};
  if (!payable) return purchase.state;
  const earned = earnedPoints === undefined ? '' : `, earned ${earnedPoints}`;
  return `${purchase.state}: to pay ${payable.amount}${earned}`;
}

function demoKey() {
  try {
    return readFileSync(join(dataDir, 'demo-key'), 'utf8').trim();
  } catch {
    console.error(`There is no demo-key in ${dataDir}: run npm start first.`);
    process.exit(1);
  }
}
