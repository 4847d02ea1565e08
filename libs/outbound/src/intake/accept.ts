import { crashPoint } from '#crash-point';
import { Refusal } from '#canonical';
import type { OpenTx, Tx } from '#persistence';
import { assertCallable } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import type { Prepared } from '../kinds/kind.js';
import { forgotten } from '../reads/resolve-who.js';
import { announce } from '../run/announce.js';
import { acceptNew } from './accept-new.js';
import type { Acceptance } from './accept-new.js';
import { existingByReference, existsAlready, replay } from './existing-operation.js';
import { fingerprintOf } from './fingerprint.js';
import { keyRow, newDraft, newRow, prepare } from './new-row.js';
import type { Draft } from './new-row.js';
import { referenceOf } from './submission.js';
import type { Accepted, FingerprintedSubmission, Submission } from './submission.js';

/** Accepts a write: idempotency key, merchant reference, operation and resource are stored in one transaction, or none of them. A refusal before this point is not stored. */
export function accept(core: Core, given: Submission): Promise<Accepted> {
  const endsAt = performance.now() + given.waitMs;
  // 0 is the wait of a caller who never waited.
  const left = () => given.waitMs && Math.max(1, endsAt - performance.now());
  // A repeat that is refused while the first one is not stored yet would say "not executed" of that one as well.
  return core.accepting.run(nameOf(given), () => acceptOnce(core, { ...given, waitMs: left() }));
}

// Whoever repeats a write under a new key has given it a reference.
function nameOf(given: Submission): string {
  const { connection, kind, idempotencyKey } = given;
  const reference = referenceOf(given);
  return JSON.stringify(
    reference === null ? [connection.tenantId, idempotencyKey] : [connection.id, kind.operation, reference],
  );
}

async function acceptOnce(core: Core, given: Submission): Promise<Accepted> {
  const { connection, kind, idempotencyKey, waitMs } = given;
  const submission = { ...given, fingerprint: fingerprintOf(core.vault, given) };
  if (core.loadShedder.exceeds(waitMs) && !(await existsAlready(core, submission))) {
    core.loadShedder.assertTimeFor(waitMs);
  }
  const readFirst = kind.readFirst?.(core, connection, submission);
  // Ask the provider about new requests only; a known key is answered from its own row.
  const { direct } = core.database;
  const known =
    readFirst && (await core.stores.idempotency.find(direct, connection.tenantId, idempotencyKey));
  if (known) return replay(core, direct, known, submission);
  const read = readFirst && (await ifCallable(connection, readFirst).catch(asRefusal));
  const fresh = read instanceof Refusal ? null : await acceptNew(core, submission, read);
  const accepted = fresh ?? (await acceptKnown(core, submission, read));
  crashPoint('accept:done');
  return accepted;
}

async function ifCallable(connection: OpenConnection, read: () => Promise<unknown>): Promise<unknown> {
  assertCallable(connection);
  return read();
}

/** The same inserts in the same order, one by one, to find out what exists already. `read` may be why nothing new can be accepted: that says nothing of an earlier write with the same reference. */
const acceptKnown = (core: Core, submission: FingerprintedSubmission, read: unknown): Promise<Accepted> =>
  core.database.transaction(async tx => {
    const prepared =
      read instanceof Refusal ? read : await prepareKept(core, tx, submission, read).catch(asRefusal);
    return acceptStepwise(core, tx, submission, prepared);
  });

async function prepareKept(
  core: Core,
  tx: OpenTx,
  submission: FingerprintedSubmission,
  read: unknown,
): Promise<Prepared> {
  const prepared = await prepare(core, tx, submission, read);
  const { customerId: id } = prepared;
  if (id && !(await core.stores.customers.keep(tx, id))) throw forgotten(id);
  return prepared;
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}

async function acceptStepwise(
  core: Core,
  tx: OpenTx,
  submission: FingerprintedSubmission,
  prepared: Prepared | Refusal,
): Promise<Accepted> {
  const draft = newDraft();
  const taken = await core.stores.idempotency.take(tx, keyRow(submission, draft.id));
  if (taken) return replay(core, tx, taken, submission);
  // A repeated sale would be refused for the hold that its first run consumed: look for that run first.
  if (prepared instanceof Refusal)
    return (await existingByReference(core, tx, submission)) ?? refuse(prepared);
  // A concurrent request may have taken the reference and been refused since: then it is free again.
  for (;;) {
    const stands =
      (await insert({ core, tx, submission, prepared }, draft)) ??
      (await existingByReference(core, tx, submission));
    if (stands) {
      crashPoint('accept:inside');
      return stands;
    }
  }
}

const refuse = (refusal: Refusal): never => {
  throw refusal;
};

async function insert(
  { core, tx, submission, prepared }: Acceptance,
  draft: Draft,
): Promise<Accepted | null> {
  const { connection, kind } = submission;
  const row = newRow(core, submission, prepared, draft);
  const inserted = await core.stores.operations.insert(tx, row);
  if (!inserted) return null;
  await kind.accept({ core, tx, connection }, row, prepared, submission);
  if (prepared.plan !== 'advisory') return { outcome: 'new', operation: inserted };
  await finishAtOnce(core, tx, row.id);
  return { outcome: 'new', operation: (await core.stores.operations.byId(tx, row.id))! };
}

/** An advisory write needs no provider: it has succeeded once it is accepted. */
async function finishAtOnce(core: Core, tx: Tx, id: string): Promise<void> {
  const answer = await core.stores.operations.claim(
    tx,
    { id, fence: 0, serialKey: null, writeSent: false },
    { owner: core.owner, leaseMs: 1_000 },
  );
  if (!('claim' in answer)) throw new Error(`The new operation ${id} could not be claimed.`);
  await core.stores.operations.settle(tx, answer.claim, {
    state: 'succeeded',
    outcome: 'executed',
    evidence: 'proof',
  });
  await announce(core, tx, (await core.stores.operations.byId(tx, id))!);
}
