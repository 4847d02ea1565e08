import type { JournalLine } from '../support/world.js';
import type { Answer } from './flow-till.js';
import type { Flows } from './flows.js';

/** An operation, as stored in its row. */
export interface Row {
  id: string;
  kind: string;
  state: string;
  evidence: string;
  resource: string;
  connection: string;
  provider: string;
  /** For a refund: the provider's number of its purchase, and the sum. */
  origin: string | null;
  amount: string | null;
  /** For the release of a hold: the provider's number of the hold. */
  hold: string | null;
}

const OPERATIONS = `
  select o.id, o.kind, o.state, o.evidence, o.resource_id as resource, o.connection_id as connection, c.provider,
    q.provider_operation_id as origin, r.amount::text, h.provider_refs->>'holdId' as hold
  from operations o join connections c on c.id = o.connection_id
  left join refunds r on r.operation_id = o.id left join purchases q on q.id = r.purchase_id
  left join holds h on h.id = o.resource_id and o.kind = 'releaseHold'`;

/** All rows, journals and answers of a run. */
export interface Books {
  rows: Row[];
  /** Effects by connection and intent. */
  effects: Map<string, JournalLine[]>;
  /** The purpose of each operation. */
  intents: Map<string, string>;
}

/** Reads the current rows and journals. */
export async function booksOf({ world, companies, wanted }: Flows): Promise<Books> {
  const rows: Row[] = await world.core.database.source.query(OPERATIONS);
  const effects = new Map<string, JournalLine[]>();
  for (const company of companies)
    for (const line of await company.journal())
      if (line.effect) add(effects, `${company.connection.id} ${effectOf(line)}`, line);
  const told = new Map(
    wanted
      // A hold returned by the API names the operation that made it.
      .filter(({ path }) => !path.endsWith('/release'))
      .flatMap(({ intent, answers }) => answers.map(answer => [operationIn(answer), intent] as const)),
  );
  const intents = new Map(rows.map(row => [row.id, `${row.connection} ${intentOf(row, told.get(row.id))}`]));
  return { rows, effects, intents };
}

/** Adds one to the count of a group. */
export const add = <T>(groups: Map<string, T[]>, key: string, one: T): void =>
  void groups.set(key, [...(groups.get(key) ?? []), one]);

function effectOf({ effect, body }: JournalLine): string {
  const { type, key, id, data } = effect!;
  switch (type) {
    case 'purchase':
      return `sale ${Number(data!['amount'] ?? data!['total'])}`;
    case 'refund':
      return `back ${key} ${Math.abs(Number(data!['total']))}`;
    case 'hold':
      return `hold ${Number(data!['amount'])}`;
    case 'release':
      return `release ${id}`;
    case 'lead':
      return `lead ${JSON.parse(body!).contact.name}`;
    case 'adjustment':
      return `adjustment ${key!.split(':')[0]}:${Number(data!['delta'])}`;
    default:
      return `${type} ${key}`;
  }
}

function intentOf({ kind, origin, amount, hold }: Row, told = 'nobody was told of it'): string {
  if (kind === 'createRefund') return `back ${origin} ${Number(amount)}`;
  return kind === 'releaseHold' ? `release ${hold}` : told;
}

// A problem may name another operation that blocks the request.
const OTHERS = ['state-conflict', 'duplicate-reference'];

/** The operation that an answer is about, if it says so. */
export function operationIn({ status, body, location }: Answer): string | undefined {
  if (status === 202) return body.id;
  if (status >= 400) return OTHERS.includes(body?.code) ? undefined : body?.operationId;
  return location?.startsWith('/v1/operations/') ? location.split('/').at(-1) : body?.operationId;
}

/** States in which nothing was sent, or every sending was refused. */
export const NEVER_SENT = ['rejected', 'cancelled', 'expired'];

/** Whether the effect of an operation in review happened, by the provider's ledger. */
export function isBooked({ rows, effects, intents }: Books, id: string): boolean {
  const intent = intents.get(id)!;
  const done = rows.filter(row => row.state === 'succeeded' && intents.get(row.id) === intent);
  return (effects.get(intent)?.length ?? 0) > done.length;
}
