// A provider for benchmarks, in its own process and as cheap as possible: implements the UDS calls of a sale and a look-up,
// records the time of each request by credential, and, if strict, refuses the sixth call in a sliding second.
import { createServer } from 'node:http';

const LIMIT = 5;
const WINDOW_MS = 1_000;
const { delayMs = 0, strict = false } = JSON.parse(process.argv[2] ?? '{}');

const settings = {
  id: 1,
  name: 'Bench',
  currency: 'RUB',
  baseDiscountPolicy: 'CHARGE_SCORES',
  purchaseByPhone: true,
  usePointsByPhone: true,
  loyaltyProgramSettings: {
    baseMembershipTier: { uid: 'base', name: 'Base', rate: 5, maxScoresDiscount: 50 },
    membershipTiers: [],
    referralCashbackRates: [5],
  },
};
const user = {
  uid: '4c7e1f1e-0f6d-4f0e-9b57-2a5f3f0c1a01',
  displayName: 'Anna',
  gender: 'FEMALE',
  participant: {
    id: 1099576113739,
    points: 928.5,
    cashbackRate: 5,
    membershipTier: { uid: 'base', rate: 5 },
  },
};

const arrivals = new Map();
const receipts = new Map();
let refused = 0;
let operations = 0;
const held = [];
let silent = false;

const server = createServer((request, response) => {
  const at = performance.timeOrigin + performance.now();
  const stamps = arrivals.get(request.headers.authorization) ?? [];
  arrivals.set(request.headers.authorization, stamps);
  const full = strict && stamps.filter(stamp => stamp > at - WINDOW_MS).length >= LIMIT;
  stamps.push(at);
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    if (full) {
      refused++;
      return response.writeHead(429, { 'retry-after': '1' }).end();
    }
    const answer = answerTo(request, Buffer.concat(chunks).toString());
    if (silent) return held.push(response);
    if (delayMs > 0) setTimeout(() => send(response, answer), delayMs);
    else send(response, answer);
  });
});

function answerTo({ method, url }, body) {
  if (url.includes('/settings')) return settings;
  if (url.includes('/customers/find')) return { user, code: null, purchase: null };
  if (method === 'GET') return { rows: [], total: 0 };
  const { receipt } = JSON.parse(body);
  receipts.set(receipt.number, (receipts.get(receipt.number) ?? 0) + 1);
  return {
    id: ++operations,
    dateCreated: new Date().toISOString(),
    action: 'PURCHASE',
    state: 'NORMAL',
    customer: { id: user.participant.id, uid: user.uid },
    points: 0,
    receiptNumber: receipt.number,
    total: receipt.total,
    cash: receipt.cash,
  };
}

function send(response, answer) {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

const commands = {
  report: () => ({ arrivals, receipts, refused }),
  clear: () => {
    arrivals.clear();
    receipts.clear();
    refused = 0;
    return {};
  },
  silence: () => ((silent = true), {}),
  speak: () => {
    silent = false;
    for (const response of held.splice(0)) response.destroy();
    return {};
  },
};

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', command => process.send(commands[command]()));
process.on('disconnect', () => process.exit(0));
