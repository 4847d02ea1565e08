import { createHash } from 'node:crypto';
import { Refusal, refusalAt } from '#canonical';
import type { ConsentComplete, ConsentSession, ProviderRefs } from '#canonical';
import { SealBroken } from '#persistence';
import type { StoredRecord, Tx } from '#persistence';
import { connectionWith } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';
import { assertRemembered } from '../reads/resolve-who.js';

/** The records' type of consent sessions. */
export const CONSENT = 'consent-session';
/** How long a popup may take, in milliseconds. */
export const SESSION_MS = 600_000;

/** A session's state: 128 bits that nobody without the master key can foresee; made anew where it is shown, so that only its hash is stored. */
export const stateOf = (core: Pick<Core, 'vault'>, sessionId: string): string =>
  core.vault.fingerprint('consent-state', sessionId).slice(0, 32);

/** What of a state is stored. */
export const hashOfState = (state: string): string => createHash('sha256').update(state).digest('hex');

/** A consent session as the API shows it; `expiresAt` is the popup's, and once it is completed the token's. Its connection may have been deleted since. */
export async function consentView(core: Core, tx: Tx, record: StoredRecord): Promise<ConsentSession> {
  const stored = await core.stores.connections.byId(tx, record.connectionId);
  if (!stored) throw new Error(`The connection ${record.connectionId} is gone.`);
  // What is shown needs no credentials.
  const { adapter, baseUrl, settings } = connectionWith(stored, {});
  const { consent } = adapter;
  if (!consent) throw new Error(`The adapter ${adapter.name} has no consent.`);
  const { status, scope } = record.body as { status: ConsentSession['status']; scope?: string };
  const state = stateOf(core, record.id);
  return {
    id: record.id,
    authorizeUrl: consent.authorizeUrl({ baseUrl, settings, state, ...(scope ? { scope } : {}) }),
    // Behind the #: a browser sends that part to nobody, so that it stands in no log and no Referer.
    pageUrl: `/consent/${record.id}#${state}`,
    state,
    expiresAt: record.expiresAt!.toISOString(),
    status,
    ...(record.operationId ? { operationId: record.operationId } : {}),
  };
}

/** One session of a tenant; `not-found` also for another tenant's. */
export async function readConsentSession(core: Core, tenantId: string, id: string): Promise<ConsentSession> {
  return consentView(core, core.database.direct, await sessionOf(core, tenantId, id));
}

/** Takes what the popup posted: once, in time, with the state that was given out, for the customer who was asked. The token is kept sealed. */
export async function completeConsent(
  core: Core,
  tenantId: string,
  id: string,
  answer: ConsentComplete,
): Promise<ConsentSession> {
  const session = await sessionOf(core, tenantId, id);
  assertOpen(core, session);
  const { direct } = core.database;
  if (!(await core.stores.connections.find(direct, tenantId, session.connectionId)))
    throw new Refusal('not-found', { detail: `The connection of the consent session ${id} was deleted.` });
  const customer = (await core.stores.customers.find(direct, tenantId, session.customerId!))!;
  assertRemembered(customer);
  if (hashOfState(answer.state) !== session.stateHash)
    throw refusalAt('/state', 'This is not the state of this session: the answer belongs to another popup.');
  const refusal = refusalOf(core, customer.refs, answer);
  // Taken whatever the answer is worth: this state never serves again. The token comes with it or not at all.
  await core.database.transaction(async tx => {
    if (!(await core.stores.consents.takeState(tx, tenantId, CONSENT, id, session.stateHash!)))
      throw conflict(`The consent session ${id} was answered at the same moment.`);
    if (!refusal) await keepToken(core, tx, id, answer);
  });
  if (refusal) throw refusal;
  return readConsentSession(core, tenantId, id);
}

function keepToken(core: Core, tx: Tx, id: string, answer: ConsentComplete): Promise<void> {
  const sealed = core.vault.seal('consent', id, { token: answer.token });
  const body = { status: 'completed', userId: answer.userId };
  return core.stores.consents.keepSealed(tx, id, sealed, body, new Date(answer.expiresAt));
}

/** The token of a customer's newest consent that is still good; 424 `end-user-token-invalid` without one. */
export async function endUserToken(
  core: Core,
  tx: Tx,
  connection: OpenConnection,
  customerId: string,
): Promise<string> {
  const record = await core.stores.consents.newestSealed(tx, connection.id, CONSENT, customerId);
  if (!record || record.expiresAt! <= core.now()) {
    throw new Refusal('end-user-token-invalid', {
      detail: `The customer ${customerId} has no valid consent: create a session with POST /v1/consent-sessions and complete it first.`,
    });
  }
  try {
    return core.vault.open<{ token: string }>('consent', record.id, record.sealed!).token;
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    const detail = `The stored consent of the customer ${customerId} cannot be decrypted: it was altered or moved. Ask the customer for a new one.`;
    throw new Refusal('end-user-token-invalid', { detail, cause: error });
  }
}

async function sessionOf(core: Core, tenantId: string, id: string): Promise<StoredRecord> {
  const record = await core.stores.records.find(core.database.direct, tenantId, CONSENT, id);
  if (!record) throw new Refusal('not-found', { detail: `There is no consent session ${id}.` });
  return record;
}

function assertOpen(core: Core, { id, stateHash, body, expiresAt }: StoredRecord): void {
  if (body['status'] === 'completed') throw conflict(`The consent session ${id} is already completed.`);
  if (stateHash === null)
    throw conflict(`The consent session ${id} was answered, and the answer was refused.`);
  if (expiresAt! <= core.now())
    throw conflict(`The consent session ${id} ended at ${expiresAt!.toISOString()}.`);
}

/** Why the popup's answer cannot be taken, if so. */
function refusalOf(core: Core, refs: ProviderRefs, answer: ConsentComplete): Refusal | undefined {
  if (!(new Date(answer.expiresAt) > core.now()))
    return refusalAt('/expiresAt', 'The token has already expired (expected milliseconds since 1970).');
  if (isAnother(refs, answer.userId))
    return refusalAt('/userId', 'Someone other than the customer of this session has answered.');
  return undefined;
}

/** An id that a provider's popup names must be the customer's, as far as we know one of that kind: a provider's ids of one kind begin alike (`ub_…`). */
function isAnother(refs: ProviderRefs, userId: string): boolean {
  const [beginning] = /^[a-z]+_/i.exec(userId) ?? [];
  if (beginning === undefined) return false;
  const known = Object.values(refs).filter(ref => ref.startsWith(beginning));
  return known.length > 0 && !known.includes(userId);
}

const conflict = (detail: string): Refusal =>
  new Refusal('state-conflict', { detail: `${detail} Open a new one with POST /v1/consent-sessions.` });
