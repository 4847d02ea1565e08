import type { OpenTx, Tx } from '../database.js';
import { LATE } from './late.js';
import { PROVIDERS_ID } from './record.store.js';
import { allOfLedger, claimNumber, sameLedger } from './same-ledger.js';

/** What the provider names as the effect of a write. */
interface Effect {
  connectionId: string;
  /** Of the purchase, refund or record. */
  id: string;
  providerOperationId?: string;
  /** When the provider did it. A number that was given at another time is another operation's: a test account that was reset counts anew. */
  providerTime?: string;
}

/** Writes that look alike at the provider: what is found there must not be taken for the effect of another one. */
export class TwinStore {
  /** The other purchases in the same ledger with its receipt number (or reference) and total: the known provider ids, and whether one without an id was sent and is not settled, or only by a person. */
  async ofPurchase(tx: Tx, operationId: string): Promise<{ knownIds: string[]; inDoubt: boolean }> {
    const rows: { id: string | null }[] = await tx.query(
      `select twin.provider_operation_id as id from purchases mine join purchases twin
         on twin.connection_id in (${sameLedger('mine.connection_id')}) and twin.id <> mine.id and twin.total = mine.total
        and coalesce(twin.receipt->>'number', twin.merchant_reference) = coalesce(mine.receipt->>'number', mine.merchant_reference)
       join operations its on its.id = twin.operation_id join operations own on own.id = mine.operation_id
       where mine.operation_id = $1 and (twin.provider_operation_id is not null or its.first_sent_at is not null
         and (its.state in ('queued', 'dispatching', 'unknown', 'needs-review') or its.state = 'succeeded' and ${NAMELESS} and ${MAY_BE_NEW}))`,
      [operationId],
    );
    return knownOrInDoubt(rows);
  }

  /** Whether another purchase in the same ledger with this receipt number (or reference) was sent, may stand, and has no id of the provider's. */
  async isWithoutId(tx: Tx, operationId: string, number: string): Promise<boolean> {
    const rows: unknown[] = await tx.query(
      `select 1 from operations mine join purchases other
         on other.connection_id in (${sameLedger('mine.connection_id')}) and other.provider_operation_id is null
        and coalesce(other.receipt->>'number', other.merchant_reference) = $2
       join operations its on its.id = other.operation_id and its.id <> mine.id and its.first_sent_at is not null
        and its.state not in ('rejected', 'cancelled', 'expired')
       where mine.id = $1 limit 1`,
      [operationId, number],
    );
    return rows.length > 0;
  }

  /** Whether another refund of the same purchase with the same amount was sent, may stand, and its number at the provider is not known: what is found may be its effect. */
  async ofRefund(tx: Tx, operationId: string): Promise<boolean> {
    const rows: unknown[] = await tx.query(
      `select 1 from refunds mine join operations own on own.id = mine.operation_id
       join refunds twin on twin.purchase_id = mine.purchase_id and twin.id <> mine.id and twin.amount = mine.amount
         and twin.provider_operation_id is null
       join operations its on its.id = twin.operation_id and its.first_sent_at is not null
       where mine.operation_id = $1 and (its.state not in ('succeeded', 'rejected') or ${NAMELESS} and ${MAY_BE_NEW}) limit 1`,
      [operationId],
    );
    return rows.length > 0;
  }

  /** Whether another conversion of the operation's lead, also of its copy in a connection to the same ledger, was sent and may stand. */
  async ofConversion(tx: Tx, operationId: string, leadRef: string): Promise<boolean> {
    const connections = sameLedger(OF_OPERATION);
    const rows: unknown[] = await tx.query(
      `select 1 from records other join operations its on its.id = other.operation_id
       where other.connection_id in (${connections}) and other.type = 'conversion' and other.body->>'leadId' in (
          select body->>'leadId' from records where operation_id = $1
          union all select id from records where connection_id in (${connections}) and type = 'lead' and provider_ref = $2
          union all select id from records where connection_id in (${connections}) and type = 'lead' and provider_ref is null
            and ${PROVIDERS_ID} = $2)
        and its.id <> $1 and its.first_sent_at is not null and its.state not in ('rejected', 'cancelled', 'expired') limit 1`,
      [operationId, leadRef],
    );
    return rows.length > 0;
  }

  /** The other payouts in the same ledger: the known provider ids, and whether one without an id was sent by the same method to what may be the same account, and what it did may stand and may seem new. */
  async ofPayout(tx: Tx, operationId: string): Promise<{ knownIds: string[]; inDoubt: boolean }> {
    const rows: { id: string | null }[] = await tx.query(
      `select twin.${PROVIDERS_ID} as id from records mine join operations own on own.id = mine.operation_id
       join records twin on twin.connection_id = any(${allOfLedger('mine.connection_id')}) and twin.type = 'payout' and twin.id <> mine.id
       join operations its on its.id = twin.operation_id
       where mine.operation_id = $1 and (twin.${PROVIDERS_ID} is not null or its.first_sent_at is not null
         and ${orderedOf('twin')} = ${orderedOf('mine')} and (its.state not in ('succeeded', 'rejected') or ${NAMELESS} and ${MAY_BE_NEW}))`,
      [operationId],
    );
    return knownOrInDoubt(rows);
  }

  /** The provider's ids of what other operations of this extension created in the same ledger, and may seem new. */
  async ofExtension(tx: Tx, operationId: string): Promise<string[]> {
    const rows: { id: string }[] = await tx.query(
      `select twin.provider_ref as id from operations own
       join records twin on twin.connection_id in (${sameLedger(OF_OPERATION)}) and twin.type = own.kind
         and twin.operation_id <> own.id and twin.provider_ref is not null
       join operations its on its.id = twin.operation_id where own.id = $1 and ${MAY_BE_NEW} ${THE_LIKEST}`,
      [operationId],
    );
    return rows.map(({ id }) => id);
  }

  /** The provider's references (`name`, such as `userId`) of customers whom other operations created in the same ledger, and who may seem new. */
  async ofCustomer(tx: Tx, operationId: string): Promise<{ name: string; value: string }[]> {
    return tx.query(
      `select ref.name, ref.value from operations own
       join operations its on its.tenant_id = own.tenant_id and its.kind = 'createCustomer' and its.id <> own.id
         and its.state = 'succeeded' and its.connection_id in (${sameLedger(OF_OPERATION)}) and ${MAY_BE_NEW}
       join customer_refs ref on ref.customer_id = its.resource_id where own.id = $1 ${THE_LIKEST}`,
      [operationId],
    );
  }

  /** Whether another purchase in the same ledger, or another refund of the same purchase, has the provider's number; calls with the same number in the same ledger wait until this transaction ends. */
  async isAnothers(
    tx: OpenTx,
    table: 'purchases' | 'refunds',
    { connectionId, id, providerOperationId, providerTime }: Effect,
  ): Promise<boolean> {
    if (providerOperationId === undefined) return false;
    await claimNumber(tx, connectionId, table, providerOperationId);
    const others: { time: string | null }[] = await tx.query(
      `select result->>'providerTime' as time from ${table} where connection_id in (${sameLedger('$1')})
         and provider_operation_id = $2 and id <> $3 ${table === 'refunds' ? OF_ONE_PURCHASE : ''}`,
      [connectionId, providerOperationId, id],
    );
    return others.some(({ time }) => !differ(time, providerTime));
  }

  /** The same for a payout that an operation ordered; what a list showed is nobody's. */
  async isAnothersPayout(
    tx: OpenTx,
    { connectionId, id, providerOperationId }: Omit<Effect, 'providerTime'>,
  ): Promise<boolean> {
    if (providerOperationId === undefined) return false;
    await claimNumber(tx, connectionId, 'payout', providerOperationId);
    const others: unknown[] = await tx.query(
      `select 1 from records where connection_id = any(${allOfLedger('$1')}) and type = 'payout' and operation_id is not null
        and ${PROVIDERS_ID} = $2 and id <> $3 limit 1`,
      [connectionId, providerOperationId, id],
    );
    return others.length > 0;
  }
}

// Those that could be taken for what own made come first: a like one has its serial key. One that is left out makes the outcome
// undecided at most.
const THE_LIKEST = `order by its.serial_key is distinct from own.serial_key, its.id desc limit 1000`;

const OF_OPERATION = '(select connection_id from operations where id = $1)';

const OF_ONE_PURCHASE = `and purchase_id = (select purchase_id from refunds where id = $3)`;

// One time may be written with and without its fraction of a second.
const SAME_TIME_MS = 1_000;

/** Whether both times are known, and are not the same one. */
const differ = (one: string | null, other: string | undefined): boolean =>
  one !== null && other !== undefined && Math.abs(Date.parse(one) - Date.parse(other)) > SAME_TIME_MS;

const knownOrInDoubt = (rows: { id: string | null }[]): { knownIds: string[]; inDoubt: boolean } => ({
  knownIds: rows.flatMap(({ id }) => (id === null ? [] : [id])),
  inDoubt: rows.some(({ id }) => id === null),
});

// A payout that is found with our method and account may be another one of ours only if it was ordered as the same. Of the account, its
// last two letters or digits: no more of them is kept of every account, however it was written. PP's adapter compares in the same way,
// Cyrillic look-alikes and full-width letters included, and takes a masked account for weak evidence anyway.
const orderedOf = (payout: string): string =>
  `(${payout}.body->>'methodId', right(regexp_replace(
     translate(lower(normalize(${payout}.body->>'accountMasked', NFKC)), 'аеорсухі', 'aeopcyxi'), '[^[:alnum:]]', '', 'g'), 2))`;

// A person's word, and weak evidence, name no effect: what was seen then, or comes late, would be taken for that of another write.
const NAMELESS = `its.evidence not in ('proof', 'strong')`;

// Whether what it did may seem to be newer than the first send (own): it may come late, clocks differ as much again, and what a
// person did by hand was done before they settled it.
const MAY_BE_NEW = `greatest(its.last_sent_at + 2 * ${LATE}, its.finished_at) >= own.first_sent_at`;
