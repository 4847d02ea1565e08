import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, Till } from './flow-till.js';

/** A seed's random numbers, and sums that no other flow has. */
export interface Draw {
  random(): number;
  /** 1, 2, 3 … */
  next(): number;
  /** No new flow is to be started. */
  over(): boolean;
}

type Story = (till: Till, draw: Draw) => Promise<void>;

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const pick = <T>({ random }: Draw, all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
const kopecks = (nth: number): string => (nth / 100).toFixed(2);
const made = ({ status }: Answer): boolean => status < 202;

/** Sometimes repeats a request: under its key, at once or later, or under another key with the same merchant reference. */
async function often(
  draw: Draw,
  write: (key: string) => Promise<Answer>,
  referenced = true,
): Promise<Answer> {
  const key = randomUUID();
  const again = pick(draw, [undefined, undefined, key, referenced ? randomUUID() : key]);
  const beside = draw.random() < 0.5;
  const [answer, twin] = await Promise.all([write(key), again && beside ? write(again) : undefined]);
  if (again && !beside) await write(again);
  return twin && !made(answer) ? twin : answer;
}

interface Sale {
  who: object;
  redeem?: string;
  holdIds?: string[];
  locationId?: string;
  reference?: string;
}

/** A purchase with a unique sum. */
function sell(till: Till, draw: Draw, { who, redeem, reference, ...more }: Sale): Promise<Answer> {
  const nth = draw.next();
  const total = kopecks(10_000 + nth);
  const receipt = { total: rub(total), ...(redeem && { redeemPoints: redeem }) };
  const body = { ...who, merchantReference: reference ?? `order-${nth}`, receipt, ...more };
  return often(draw, key => till.write(`sale ${Number(total)}`, '/v1/purchases', body, { key }));
}

/** Refunds less and more than was paid, in parts, one by one or all at once. */
async function giveBack(till: Till, draw: Draw, purchase: any): Promise<void> {
  const origin = purchase.result?.providerOperationId;
  if (!origin) return;
  const ask = () => {
    const nth = draw.next();
    const whole = draw.random() < 0.15;
    // Of at least 100: three such parts are less than the total, four are more.
    const amount = kopecks(2_600 + nth);
    const body = { merchantReference: `back-${nth}`, ...(whole ? {} : { amount: rub(amount) }) };
    const intent = whole ? `back ${origin} rest` : `back ${origin} ${Number(amount)}`;
    const path = `/v1/purchases/${purchase.id}/refunds`;
    return often(draw, key => till.write(intent, path, body, { key }));
  };
  for (let left = 5; left > 0;) {
    const together = Math.min(left, pick(draw, [1, 1, 2, 3]));
    await Promise.all(Array.from({ length: together }, ask));
    left -= together;
  }
}

const ENDS = ['all', 'part', 'release', 'nothing', 'two sales', 'sale and release', 'at its end'] as const;
const HOLD_SECONDS = 60;

/** Holds points, then one or two tills use or release them. */
async function hold(till: Till, draw: Draw, who: object, locationId?: string): Promise<void> {
  const nth = draw.next();
  const points = kopecks(100 + nth);
  const asked = { ...who, points, durationSeconds: HOLD_SECONDS, ...(locationId && { locationId }) };
  const held = await often(
    draw,
    key => till.write(`hold ${Number(points)}`, '/v1/holds', asked, { key }),
    false,
  );
  if (!made(held)) return;
  const { id, expiresAt } = held.body;
  const part = (Number(points) / 2).toFixed(0);
  const buy = (redeem: string) => sell(till, draw, { who, redeem, holdIds: [id], locationId });
  const release = () =>
    often(draw, key => till.write(`release ${id}`, `/v1/holds/${id}/release`, {}, { key }));
  const sold = async (): Promise<Answer | undefined> => {
    switch (pick(draw, ENDS)) {
      case 'all':
        return buy(points);
      case 'part':
        return buy(part);
      case 'release':
        return void (await release());
      case 'two sales':
        return (await Promise.all([buy(points), buy(part)])).find(made);
      case 'sale and release':
        return (await Promise.all([buy(points), release()]))[0];
      case 'at its end':
        await pause(Math.max(0, Date.parse(expiresAt) - Date.now() + (draw.random() - 0.5) * 2_000));
        return buy(points);
      case 'nothing':
        return undefined;
    }
  };
  const purchase = await sold();
  if (purchase && made(purchase)) await giveBack(till, draw, purchase.body);
}

const loyalclient: Story = async (till, draw) => {
  const who = { identifier: { type: 'code', value: pick(draw, ['007007', '012345']) } };
  const locationId = pick(draw, ['shop-1', 'shop-2', 'shop-3']);
  if (draw.random() < 0.8) return hold(till, draw, who, locationId);
  await sell(till, draw, { who, locationId });
};

const uds: Story = async (till, draw) => {
  const advisory = till.company.connection.settings['advisoryHolds'] === true;
  const who = { identifier: { type: 'code', value: pick(draw, ['700007', '123456']) } };
  if (advisory && draw.random() < 0.7) return hold(till, draw, who);
  const sold = await sell(till, draw, { who, redeem: draw.random() < 0.3 ? '1' : undefined });
  if (made(sold)) await giveBack(till, draw, sold.body);
};

const recca: Story = async (till, draw) => {
  const nth = draw.next();
  const person = { externalId: `crm-${nth}`, displayName: `Person ${nth}` };
  const customer = await often(
    draw,
    key => till.write(`customer ${person.externalId}`, '/v1/customers', person, { key }),
    false,
  );
  if (!made(customer)) return;
  const name = `Lead ${nth}`;
  const asked = { referrerCustomerId: customer.body.id, contact: { name } };
  // A lead has no merchant reference: under another key it is another lead.
  const lead = await till.write(`lead ${name}`, '/v1/referral/leads', asked);
  if (!made(lead)) return;
  const convert = () => {
    const merchantReference = `deal-${draw.next()}`;
    const body = { leadId: lead.body.id, amount: rub('150.00'), merchantReference };
    return often(draw, key =>
      till.write(`conversion ${merchantReference}`, '/v1/referral/conversions', body, { key }),
    );
  };
  await (draw.random() < 0.5 ? Promise.all([convert(), convert()]) : convert());
};

/** Two tills order the whole balance; one of them asks twice. */
const pp: Story = async (till, draw) => {
  const order = () => {
    const account = `U${1_000_000 + draw.next()}`;
    const body = { methodId: '1', account };
    const key = randomUUID();
    const write = () => till.write(`payout 1:${account}`, '/v1/referral/payouts', body, { key });
    return draw.random() < 0.5 ? Promise.all([write(), write()]) : write();
  };
  await Promise.all([order(), order()]);
};

const recreativ: Story = async (till, draw) => {
  const nth = draw.next();
  const username = `client-${nth}`;
  const person = { username, email: `${username}@shop.example`, displayName: 'Client' };
  const write = (intent: string, path: string, body: object) => {
    const key = randomUUID();
    const once = () => till.write(intent, path, body, { key });
    return draw.random() < 0.3 ? Promise.all([once(), once()]).then(([first]) => first) : once();
  };
  const offer = () => {
    const url = `https://shop.example/${draw.next()}`;
    const body = { campaignId: '111', description: 'Coffee', url };
    return write(`offer 111:${url}:Coffee`, '/v1/x/recreativ/offers', body);
  };
  const [customer] = await Promise.all([write(`customer ${username}`, '/v1/customers', person), offer()]);
  if (!made(customer)) return;
  const { id, providerRefs } = customer.body;
  const adjust = () => {
    const amount = `${draw.random() < 0.5 ? '' : '-'}${kopecks(draw.next())}`;
    const intent = `adjustment ${providerRefs.userId}:${Number(amount)}`;
    return write(intent, `/v1/customers/${id}/balance-adjustments`, { delta: rub(amount) });
  };
  await Promise.all([adjust(), adjust()]);
};

/** The flows of each provider. */
export const stories: Readonly<Record<string, Story>> = { loyalclient, uds, recca, pp, recreativ };
