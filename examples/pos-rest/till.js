// A till's backend over REST: scan, quote, buy and refund at UDS; scan, hold and buy at LoyalClient.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLoyaltyClient } from '#client';
import { fileKeys } from '#client/file-keys';
import { texts } from './texts.js';

const { values } = parseArgs({ options: { language: { type: 'string' }, receipt: { type: 'string' } } });
const language = values.language === 'en' ? 'en' : 'ru';
const say = texts[language];
/** The till's own number of the sale. Run again with the same one: what was booked is not booked twice. */
const receiptNumber = values.receipt ?? `till-7-${Date.now()}`;
const dataDir = process.env.DATA_DIR ?? '.data';
const baseUrl = process.env.GATEWAY_URL ?? `http://127.0.0.1:${process.env.PORT ?? 3000}`;

const loyalty = createLoyaltyClient({
  baseUrl,
  apiKey: process.env.API_KEY ?? demoKey(),
  language,
  // A till may crash in the middle of a sale: its keys are on the disk before anything is sent.
  keyStore: fileKeys(join(dataDir, 'till-keys')),
});

/** States of a sale that certainly did not happen: the number can be used again. */
const NOT_SOLD = ['rejected', 'cancelled', 'expired'];

/** Ends the sale with a sentence for the cashier. */
class Stop extends Error {}

try {
  await saleWithRefund('uds', { type: 'code', value: '123456' });
  await saleWithHold('loyalclient', { type: 'phone', value: '+79200000002' });
} catch (error) {
  console.error(error instanceof Stop ? error.message : say.broken(error, baseUrl));
  process.exitCode = 1;
}

/** The customer shows a code, pays partly with points, and brings the goods back. */
async function saleWithRefund(connection, identifier) {
  console.log(say.title('UDS'));
  const sold = (await soldBefore(connection)) ?? (await sellByCode(connection, identifier));
  console.log(say.sold(sold));

  const back = { merchantReference: `${receiptNumber}-back`, reason: 'goods returned' };
  const refund = done(await loyalty.refund(sold.resource.id, back, { connection }));
  console.log(say.refunded(refund.resource));
}

async function sellByCode(connection, identifier) {
  const customer = await scan(connection, { identifier });
  // The token stands for the code that was scanned: the next calls need no second scan.
  const who = { identityToken: customer.identityToken.token };
  const total = rub('1000.00');
  const quote = await quoted(connection, { ...who, receipt: { total, redeemPoints: '100' } });
  console.log(say.quote(quote));

  const tooMuch = {
    ...who,
    merchantReference: `${receiptNumber}-greedy`,
    receipt: { total, redeemPoints: '90000' },
  };
  const refused = await loyalty.purchase(tooMuch, { connection });
  if (refused.outcome === 'refused') console.log(say.refused(refused.problem));

  const sale = {
    // Named by the code itself: the till that sends it again after a crash has no token any more.
    identifier,
    merchantReference: receiptNumber,
    receipt: { total, redeemPoints: '100', expectedPayable: quote.payable },
    cashier: { externalId: 'cashier-3', name: 'Ольга' },
  };
  return done(await loyalty.purchase(sale, { connection }));
}

/** The customer says a phone number; the points are kept for this sale before the goods are packed. */
async function saleWithHold(connection, identifier) {
  console.log(say.title('LoyalClient'));
  console.log(say.sold((await soldBefore(connection)) ?? (await sellHeld(connection, identifier))));
}

async function sellHeld(connection, identifier) {
  const locationId = 'shop-2';
  await scan(connection, { identifier, locationId });
  const hold = done(
    await loyalty.hold(
      { identifier, locationId, points: '10', durationSeconds: 600 },
      // A hold has no reference of the merchant's own, so the intent gets a name.
      { connection, intent: `hold of ${receiptNumber}` },
    ),
  ).resource;
  console.log(say.held(hold));

  const sale = {
    identifier,
    locationId,
    holdIds: [hold.id],
    merchantReference: receiptNumber,
    receipt: { total: rub('500.00'), redeemPoints: '10' },
  };
  return done(await loyalty.purchase(sale, { connection }));
}

/** What became of the sale in an earlier run. It is asked first: by now the customer's code may have ended. */
async function soldBefore(connection) {
  if (!values.receipt) return undefined;
  const { data, error } = await loyalty.api.GET('/v1/purchases', {
    params: { query: { merchantReference: receiptNumber }, header: { 'Gateway-Connection': connection } },
  });
  if (error) throw new Stop(`${say.refused(error)}\n${say.unknown(receiptNumber)}`);
  const sale = data.data.find(({ state }) => !NOT_SOLD.includes(state));
  if (!sale) return undefined;
  if (sale.state !== 'succeeded') throw new Stop(say.unknown(receiptNumber, { id: sale.operationId }));
  return { resource: sale, replayed: true };
}

async function scan(connection, body) {
  const headers = { 'Gateway-Connection': connection };
  const { data, error } = await loyalty.api.POST('/v1/customers/lookup', {
    body,
    params: { header: headers },
  });
  if (error) throw new Stop(say.refused(error));
  console.log(say.customer(data));
  return data;
}

async function quoted(connection, body) {
  const headers = { 'Gateway-Connection': connection };
  const { data, error } = await loyalty.api.POST('/v1/quotes', { body, params: { header: headers } });
  if (error) throw new Stop(say.refused(error));
  return data;
}

/** What was made, or the end of the sale with what the cashier has to know. */
function done(result) {
  if (result.outcome === 'done') return result;
  if (result.outcome === 'refused') throw new Stop(say.refused(result.problem));
  // Neither yes nor no: nobody may sell it a second time. The same receipt number asks again, under the same key.
  throw new Stop(say.unknown(receiptNumber, result.operation));
}

function rub(amount) {
  return { amount, currency: 'RUB' };
}

function demoKey() {
  try {
    return readFileSync(join(dataDir, 'demo-key'), 'utf8').trim();
  } catch {
    console.error(say.noKey(dataDir));
    process.exit(1);
  }
}
