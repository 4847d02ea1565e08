import type { JournalLine } from '../support/world.js';
import type { Mixed } from './mix.js';

/** The result of comparing every answer with the journals. */
export interface MixReport {
  /** Operations by provider, kind and state. */
  states: Record<string, number>;
  /** Effects in the journals. */
  effects: number;
  /** Violations; empty = none. */
  violations: string[];
}

interface Row {
  id: string;
  kind: string;
  state: string;
  nonce: string;
  reference: string;
  amount: string;
  connection: string;
  provider: string;
  /** For a refund: the provider's number of its purchase. */
  origin: string | null;
}

const OPERATIONS = `
  select o.id, o.kind, o.state, o.nonce, o.merchant_reference as reference, o.connection_id as connection, c.provider,
    coalesce(r.amount, p.total)::text as amount, q.provider_operation_id as origin
  from operations o join connections c on c.id = o.connection_id left join purchases p on p.operation_id = o.id
  left join refunds r on r.operation_id = o.id left join purchases q on q.id = r.purchase_id`;

/** Compares every operation and answer of a run with the journals of the providers. */
export async function reportOf({ world, companies, told }: Mixed): Promise<MixReport> {
  const rows: Row[] = await world.core.database.source.query(OPERATIONS);
  const effects = new Map<string, number>();
  for (const company of companies)
    for (const line of await company.journal())
      if (line.effect) count(effects, `${company.connection.id} ${intentOf(line)}`);
  const violations = [
    ...[...byIntent(rows)].flatMap(([intent, its]) => judge(intent, its, effects.get(intent) ?? 0)),
    ...falseAnswers(told, new Map(rows.map(row => [row.id, row.state]))),
  ];
  const states: Record<string, number> = {};
  for (const { provider, kind, state } of rows) {
    const ended = `${provider} ${kind} ${state}`;
    states[ended] = (states[ended] ?? 0) + 1;
  }
  return { states, effects: [...effects.values()].reduce((sum, n) => sum + n, 0), violations };
}

const count = (counts: Map<string, number>, key: string): void =>
  void counts.set(key, (counts.get(key) ?? 0) + 1);

/** What identifies an intent's effect at its provider: the nonce, the unique sum, or for refunds the purchase and the sum. */
function intentOf({ effect, body }: JournalLine): string {
  const { type, key, data } = effect!;
  if (type === 'refund') return `refund ${key} ${Math.abs(Number(data?.['total']))}`;
  const nonce = /"nonce":"([^"]+)"/.exec(body ?? '')?.[1];
  return nonce ? `nonce ${nonce}` : `sum ${Number(data?.['amount'])}`;
}

function intentIn({ kind, nonce, amount, origin, provider }: Row): string {
  if (kind === 'createRefund') return `refund ${origin} ${Number(amount)}`;
  return provider === 'uds' ? `nonce ${nonce}` : `sum ${Number(amount)}`;
}

/** The journal cannot distinguish refunds with the same sum and purchase: a refused one may have been requested again. */
function byIntent(rows: Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const intent = `${row.connection} ${intentIn(row)}`;
    groups.set(intent, [...(groups.get(intent) ?? []), row]);
  }
  return groups;
}

const NEVER_SENT = ['rejected', 'cancelled', 'expired'];

function judge(intent: string, rows: Row[], found: number): string[] {
  const told = rows.map(({ id, state, reference }) => `${id} (${reference}) is ${state}`).join(', ');
  const done = rows.filter(({ state }) => state === 'succeeded').length;
  const review = rows.filter(({ state }) => state === 'needs-review').length;
  const ended = rows.every(({ state }) => [...NEVER_SENT, 'succeeded', 'needs-review'].includes(state));
  if (!ended) return [`${told}: it never ends`];
  if (found < done || found > done + review) return [`${told}; ${intent} has ${found} effects`];
  return [];
}

function falseAnswers(told: Mixed['told'], states: Map<string, string>): string[] {
  return told.flatMap(({ status, operationId, reference }) => {
    const state = operationId && states.get(operationId);
    const said = `${reference} was answered ${status}`;
    if (status < 202 && state !== 'succeeded') return [`${said}, and is ${state}`];
    if (status >= 400 && state && !NEVER_SENT.includes(state)) return [`${said}, and is ${state}`];
    return [];
  });
}
