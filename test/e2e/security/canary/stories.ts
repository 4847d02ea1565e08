import type { Answer, Caller } from './caller.js';
import { marks } from './marks.js';
import type { Manner, Parrot } from './parrot.js';

/** The context of a story, and where it adds secrets created during it. */
export interface Stage {
  caller: Caller;
  parrot: Parrot;
  /** Connections by slug. */
  connect(slug: string, changes?: object): Promise<string>;
  secrets: Record<string, string>;
}

const manners: Manner[] = ['refuse', 'refuse-in-200', 'break', 'drift', 'page', 'lose'];
const rub = (amount: string) => ({ amount, currency: 'RUB' });
const phone = { type: 'phone', value: `+${marks.phone}` };
const code = { type: 'code', value: marks.code };
let numbers = 0;
const reference = () => `canary-order-${++numbers}`;

/** Plays every faulty answer on one call, then a good one; returns the last answer. A write waits a second only (`prefer`), since a lost answer is not found sooner. */
async function everyWay(
  { parrot }: Stage,
  { provider, path }: { provider: string; path: RegExp },
  call: (prefer?: string) => Promise<Answer>,
): Promise<Answer> {
  for (const manner of manners) {
    parrot.next(provider, manner, path);
    await call('wait=1');
  }
  return call();
}

/** The same where the answer is used: asks on until a good one comes. A call that was too late for the provider leaves its fault to the next one. */
async function everyWayThenGood(...asked: Parameters<typeof everyWay>): Promise<Answer> {
  const [, , call] = asked;
  let answer = await everyWay(...asked);
  while (answer.status !== 200 && answer.status !== 201) answer = await call();
  return answer;
}

export async function udsStory(stage: Stage): Promise<void> {
  const { caller } = stage;
  const connection = await stage.connect('uds');
  const find = { provider: 'uds', path: /customers\/find/ };
  const total = rub('100.00');
  const lookup = (identifier: object) =>
    caller.post('/v1/customers/lookup', { identifier, receipt: { total } }, { connection });
  await everyWay(stage, find, () => lookup(phone));
  const { body: anna } = await everyWayThenGood(stage, find, () => lookup(code));
  stage.secrets['identity token'] = anna.identityToken.token;
  await everyWay(stage, find, () =>
    caller.post(
      '/v1/quotes',
      { identityToken: anna.identityToken.token, receipt: { total } },
      { connection },
    ),
  );
  const cashier = { externalId: marks.cashierId, name: marks.cashierName };
  const buy = (who: object, prefer?: string) =>
    caller.post(
      '/v1/purchases',
      { ...who, merchantReference: reference(), receipt: { total }, cashier },
      { connection, prefer },
    );
  const sale = { provider: 'uds', path: /\/operations$/ };
  await everyWay(stage, sale, prefer => buy({ identifier: phone }, prefer));
  const sold = await everyWayThenGood(stage, sale, prefer =>
    buy({ identityToken: anna.identityToken.token }, prefer),
  );
  const refund = (prefer?: string) =>
    caller.post(
      `/v1/purchases/${sold.body.id}/refunds`,
      { merchantReference: reference(), amount: rub('1.00') },
      { connection, prefer },
    );
  await everyWay(stage, { provider: 'uds', path: /refund/ }, refund);
  const hold = await caller.post('/v1/holds', { identifier: code, points: '1' }, { connection });
  await caller.post(`/v1/holds/${hold.body?.id}/release`, { reason: 'done' }, { connection });
  await caller.get('/v1/customers?limit=50', { connection });
  await caller.get(`/v1/customers/${anna.id}?include=raw`, { connection });
  await oldTill(stage, connection);
}

async function oldTill({ caller, secrets, parrot }: Stage, connection: string): Promise<void> {
  const { body } = await caller.post('/v1/api-keys', {
    name: 'old till',
    scopes: ['compat'],
    defaultConnection: connection,
  });
  secrets['key of the old till'] = body.key.slice(12);
  const headers = { authorization: '', 'x-api-key': body.key };
  const at = '/compat/uds/v1/partner';
  for (const who of [`code=${marks.code}`, `phone=%2B${marks.phone}`]) {
    await caller.get(`${at}/customer?${who}`, { headers });
    parrot.next('uds', 'refuse', /customers\/find/);
    await caller.get(`${at}/customer?${who}`, { headers });
    parrot.next('uds', 'refuse', /\/operations$/);
    const sale = `${at}/purchase?${who}&total=10.0&cash=10.0&scores=0&cashierExternalId=${marks.cashierId}`;
    await caller.ask('POST', `${sale}&invoiceNumber=${reference()}`, { headers });
    await caller.ask('POST', `${sale}&invoiceNumber=${reference()}`, { headers });
  }
}

export async function loyalclientStory(stage: Stage): Promise<void> {
  const { caller } = stage;
  const connection = await stage.connect('loyalclient', { settings: { defaultPoint: 'shop-1' } });
  const client = { provider: 'loyalclient', path: /\/client$/ };
  const card = { type: 'card', value: marks.card };
  for (const identifier of [phone, card, code]) {
    await everyWay(stage, client, () => caller.post('/v1/customers/lookup', { identifier }, { connection }));
  }
  const receipt = { total: rub('10.00') };
  await everyWay(stage, { provider: 'loyalclient', path: /recalc/ }, () =>
    caller.post('/v1/quotes', { identifier: phone, receipt }, { connection }),
  );
  const hold = await everyWay(stage, { provider: 'loyalclient', path: /bonuses\/hold/ }, prefer =>
    caller.post('/v1/holds', { identifier: card, points: '1' }, { connection, prefer }),
  );
  await caller.post(`/v1/holds/${hold.body?.id}/release`, {}, { connection });
  await everyWay(stage, { provider: 'loyalclient', path: /\/retail$/ }, prefer =>
    caller.post(
      '/v1/purchases',
      { identifier: phone, merchantReference: reference(), receipt },
      { connection, prefer },
    ),
  );
}

export async function recreativStory(stage: Stage): Promise<void> {
  const { caller } = stage;
  const connection = await stage.connect('recreativ');
  const person = () => ({
    username: `${marks.username}${++numbers}`,
    email: `${numbers}${marks.email}`,
    phone: `+${marks.phone}`,
    telegram: marks.telegram,
    skype: marks.skype,
  });
  const made = await everyWayThenGood(stage, { provider: 'recreativ', path: /\/users$/ }, prefer =>
    caller.post('/v1/customers', person(), { connection, prefer }),
  );
  await everyWay(stage, { provider: 'recreativ', path: /\/users\/\d+$/ }, prefer =>
    caller.post(
      `/v1/customers/${made.body.id}/balance-adjustments`,
      { delta: rub('1.00') },
      { connection, prefer },
    ),
  );
  const offer = { campaignId: '111', description: 'Кофе', url: 'https://coffee.example.ru/new' };
  await everyWay(stage, { provider: 'recreativ', path: /\/offers$/ }, prefer =>
    caller.post('/v1/x/recreativ/offers', offer, { connection, prefer }),
  );
  await caller.get('/v1/customers?limit=50&include=raw', { connection });
  await caller.get('/v1/referral/payouts', { connection });
}

export async function ppStory(stage: Stage): Promise<void> {
  const { caller, parrot } = stage;
  const credentials = (end: string) => ({ apiKey: `${marks.ppKey}${end}`, apiLogin: marks.ppLogin });
  // An order with a lost answer blocks its account's next one: each fault has its own account.
  for (const [index, manner] of [...manners, undefined].entries()) {
    const connection = await stage.connect('pp', {
      slug: `pp-${index}`,
      credentials: credentials(`-${index}`),
      settings: index % 2 ? { dialect: 'userapi-v1' } : {},
    });
    if (manner) parrot.next('pp', manner, /add_(partner_)?payout/);
    const order = { methodId: '1', account: marks.account };
    await caller.post('/v1/referral/payouts', order, { connection, prefer: 'wait=1' });
    await caller.get('/v1/referral/clicks', { connection });
  }
}

export async function reccaStory(stage: Stage): Promise<void> {
  const { caller, secrets } = stage;
  const connection = await stage.connect('recca', {
    settings: { tenant: 'agp', origin: 'https://partner-site.example.com' },
  });
  const ivan = await everyWayThenGood(stage, { provider: 'recca', path: /users\/upsert/ }, prefer =>
    caller.post(
      '/v1/customers',
      { externalId: 'mysite:vk:12345', displayName: marks.displayName, email: marks.email },
      { connection, prefer },
    ),
  );
  const customerId = ivan.body.id;
  const { body: session } = await caller.post('/v1/consent-sessions', { customerId }, { connection });
  const page = await (await fetch(session.authorizeUrl)).text();
  const messages = JSON.parse(/id="messages">(.*?)<\/script>/s.exec(page)![1]!) as any[];
  const { token, user_id, expires_at, state } = messages.find(message => message.user_id === 'ub_GB_xyz');
  Object.assign(secrets, { 'end user token': token, 'state of a consent': state });
  await caller.post(`/v1/consent-sessions/${session.id}/complete`, {
    token,
    userId: user_id,
    expiresAt: expires_at,
    state,
  });
  await everyWay(stage, { provider: 'recca', path: /referral-link/ }, prefer =>
    caller.post(
      '/v1/referral/links',
      { customerId, target: { type: 'offer', id: 'off_42' }, recommendationText: marks.recommendation },
      { connection, prefer },
    ),
  );
  const contact = { name: marks.contactName, email: marks.contactEmail, phone: `+${marks.contactPhone}` };
  const lead = await everyWayThenGood(stage, { provider: 'recca', path: /leads?(\/|$)/ }, prefer =>
    caller.post('/v1/referral/leads', { referrerCustomerId: customerId, contact }, { connection, prefer }),
  );
  await everyWay(stage, { provider: 'recca', path: /conversion/ }, prefer =>
    caller.post(
      '/v1/referral/conversions',
      { leadId: lead.body.id, amount: rub('100.00'), merchantReference: reference() },
      { connection, prefer },
    ),
  );
  await caller.get(`/v1/referral/leads?customerId=${customerId}&include=raw`, { connection });
}

/** Invalid requests: unknown keys, phone numbers as ids, invalid bodies. */
export async function mistakes({ caller, secrets }: Stage): Promise<void> {
  const wrong = `lgk_${'canary-wrong-key-'.repeat(3)}`;
  secrets['a key that is nobody’s'] = wrong.slice(12);
  await caller.get('/v1/purchases', { key: wrong });
  await caller.get(`/v1/customers/+${marks.phone}`);
  await caller.get(`/v1/customers/%2B${marks.phone}`);
  await caller.get(`/${marks.email}`);
  await caller.get(`/v1/purchases?merchantReference=${marks.email}&phone=${marks.phone}`);
  await caller.post('/v1/quotes', { identifier: { type: 'phone', value: `tel ${marks.phone}` } });
  await caller.post('/v1/quotes', {
    colour: marks.displayName,
    identifier: { type: marks.code, value: 1 },
  });
  await caller.post(
    '/v1/customers',
    { email: `${marks.displayName} at home`, phone: `8${marks.phone}` },
    { connection: 'recca' },
  );
}
