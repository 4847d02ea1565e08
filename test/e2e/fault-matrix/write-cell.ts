import { execute, reconcile } from '#outbound';
import type { Kind } from '#outbound';
import type { RetryClass } from '#canonical';
import type { StoredOperation } from '#persistence';
import type { FaultName } from '../../../apps/sandbox/src/faults/fault-names.js';
import { beforeTheCall, oneField, pathOf, pathsOf } from './expected.js';
import type { Way } from './expected.js';
import { Stage } from './stage.js';
import type { Line, MatrixWorld } from './stage.js';

/** A write of a provider that is broken in every way: what the design says of it, and how it comes about. */
export interface WriteCall {
  provider: string;
  /** Its exchange in the adapter. */
  exchange: string;
  /** Where one exchange is played under other settings or with another ask. */
  variant?: string;
  /** By the design's table of calls, not by the adapter: one of both being wrong must show. */
  retryClass: RetryClass;
  way: Way;
  settings?: Record<string, unknown>;
  /** Its request among those of the operation, by `METHOD path?query`. */
  wire: RegExp;
  /** JSON pointer of a field without which its answer says nothing. */
  needs?: string;
  /** Weak evidence is accepted at this connection. */
  acceptsWeak?: boolean;
  /** Brings about what must stand before, and gives what is asked. */
  arrange(stage: Stage): Promise<Asked>;
}

export interface Asked {
  kind: Kind;
  body: unknown;
  params?: Record<string, string>;
}

/** Shorter than any pause between two attempts, so that one sending is all that the caller sees. */
const PATIENCE_MS = 150;
const LANE_BUDGET_MS = 4_000;
/** More than the probes of an operation that nobody can clear up. */
const MOST_ROUNDS = 15;
const OPEN = ['queued', 'dispatching', 'unknown'];

/** Runs one whole operation whose effect's call meets the fault; sentences about whatever is not as the design demands. */
export async function playWrite(world: MatrixWorld, call: WriteCall, fault: FaultName): Promise<string[]> {
  const stage = await Stage.open(world, call.provider, {
    settings: call.settings,
    alone: beforeTheCall.includes(fault),
  });
  try {
    const { kind, body, params = {} } = await call.arrange(stage);
    await stage.begin();
    // Another word in its place is still a text.
    const pointer = oneField.includes(fault) && fault !== 'drift-new-word' ? call.needs : undefined;
    stage.wire.aim({ fault, strikes: 'once', at: call.wire, params: pointer ? { pointer } : undefined });
    const answer = await stage.ask(kind, body, params, PATIENCE_MS);
    const answered = await stage.row(answer.operationId!);
    const first = await firstStruck(stage, answered);
    await stage.company.breakCalls([]);
    const end = await endOf(stage, first, fault);
    const paths = pathsOf(fault, call.way, pointer !== undefined);
    const seen: Seen = { call, fault, first, end, lines: await stage.journal(), paths };
    return [
      ...honestAnswer(answer.status, answered),
      ...rightStates(seen),
      ...rightCalls(seen),
      ...rightEffects(seen),
    ].map(sentence => `${fault}: ${sentence}`);
  } catch (error) {
    return [`${fault}: ${String((error as Error).stack ?? error)}`];
  } finally {
    await stage.close();
  }
}

/** The row when the struck call's attempt is over; on a machine that was too busy for the lane another attempt makes it. */
async function firstStruck(stage: Stage, row: StoredOperation): Promise<StoredOperation> {
  for (let round = 0; !stage.wire.struck && round < MOST_ROUNDS; round++) await turn(stage, row, PATIENCE_MS);
  return stage.row(row.id);
}

/** One turn of whoever looks after a row: the lane's pump or the queue's job. */
async function turn(stage: Stage, row: StoredOperation, laneBudgetMs = LANE_BUDGET_MS): Promise<void> {
  const { core } = stage;
  await stage.wakeUp(row);
  if (row.state === 'unknown') await reconcile(core, row.id);
  else await execute(core, row.id, { laneBudgetMs, laneClass: 'write' });
  await stage.rest();
}

/** Lets time pass until nobody would look at the row again. */
async function endOf(stage: Stage, first: StoredOperation, fault: FaultName): Promise<StoredOperation> {
  let row = first;
  for (let round = 0; OPEN.includes(row.state) && round < MOST_ROUNDS; round++) {
    await turn(stage, row);
    row = await stage.row(row.id);
    // Between the first look and the next: whoever believes the first one is wrong.
    if (round === 0 && fault === 'late-commit') await stage.lateEffects();
  }
  if (fault === 'late-commit') await stage.lateEffects();
  return row;
}

interface Seen {
  call: WriteCall;
  fault: FaultName;
  first: StoredOperation;
  end: StoredOperation;
  lines: Line[];
  paths: string[];
}

/** Who is answered 2xx has it, who is told "no" has not, and everybody else is told that it goes on. */
function honestAnswer(status: number, { state }: StoredOperation): string[] {
  if (status === 202) return [];
  const right = status < 300 ? state === 'succeeded' : status < 500 && state === 'rejected';
  return right ? [] : [`answered ${status}, and the operation is ${state}`];
}

function rightStates({ call, first, end, paths }: Seen): string[] {
  const path = pathOf(first.state, end.state);
  const wrong = paths.includes(path) ? [] : [`${path}, and not ${paths.join(' or ')}`];
  if (!standsTo(call, end)) wrong.push(`${end.state} by ${end.evidence}, ${JSON.stringify(end.problem)}`);
  const search = first.state === 'unknown' || end.state === 'needs-review' ? end.reconcile : undefined;
  if (search !== undefined && !search?.['reason']) wrong.push('nobody is told why it is not known');
  return wrong;
}

/** What the row gives as its ground fits its state. */
function standsTo(
  { acceptsWeak }: WriteCall,
  { state, outcome, evidence, problem }: StoredOperation,
): boolean {
  const sure = evidence === 'proof' || evidence === 'strong' || (acceptsWeak === true && evidence === 'weak');
  if (state === 'succeeded') return outcome === 'executed' && sure && problem === null;
  if (state === 'rejected')
    return outcome === 'not-executed' && sure && problem?.['outcome'] === 'not-executed' && !!problem['code'];
  return state === 'needs-review' && outcome === 'unknown' && evidence !== 'proof' && evidence !== 'strong';
}

const isCall = ({ wire }: WriteCall, { method, path, query }: Line): boolean =>
  wire.test(`${method} ${path}${query ? `?${query.replace(/^\?/, '')}` : ''}`);

function rightCalls({ call, fault, lines, end }: Seen): string[] {
  const sent = lines.filter(line => isCall(call, line) && !('late' in line));
  const wrong: string[] = [];
  if (!beforeTheCall.includes(fault) && !sent.some(line => line.fault === fault))
    wrong.push('the fault was never played');
  // Refused because of the rate, and known to be: that was no sending.
  const carried = sent.filter(line => !line.fault?.startsWith('429'));
  if ((call.way === 'proof' || call.way === 'person') && carried.length > 1)
    wrong.push(`sent ${carried.length} times, and may never be repeated`);
  if (carried.length === 0 && end.state === 'succeeded') wrong.push('succeeded, and never sent');
  if (call.retryClass === 'keyed' && new Set(carried.flatMap(({ body }) => body ?? [])).size > 1)
    wrong.push('repeated with other bytes');
  return wrong;
}

/** The journal is the oracle: one effect of what succeeded, none of what was rejected, never two. */
function rightEffects({ lines, end }: Seen): string[] {
  const effects = lines.filter(({ effect }) => effect).length;
  const allowed = { succeeded: [1], rejected: [0] }[end.state as string] ?? [0, 1];
  return allowed.includes(effects) ? [] : [`${end.state}, with ${effects} effects`];
}
