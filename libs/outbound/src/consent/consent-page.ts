import { timingSafeEqual } from 'node:crypto';
import { Refusal } from '#canonical';
import type { ConsentComplete } from '#canonical';
import type { StoredRecord } from '#persistence';
import { CONSENT, completeConsent, consentView, hashOfState, stateOf } from './consent.js';
import { connectionById } from '../connections/connection.js';
import type { Core } from '../core/core.js';

/** What the end user's page has to know to open the popup and to believe its answer. */
export interface ConsentOffer {
  /** open = may still be answered; over = its time has ended, or its answer was refused. */
  status: 'open' | 'completed' | 'over';
  /** The provider's name for people. */
  provider: string;
  authorizeUrl: string;
  /** The only origin whose message counts. */
  origin: string;
  /** The only type of message that counts. */
  messageType: string;
}

/** The session behind an end user's link; whoever knows its state has the link. `not-found` for anybody else. */
export async function consentOffer(core: Core, id: string, state: string): Promise<ConsentOffer> {
  const record = await sessionOfLink(core, id, state);
  const connection = await connectionById(core, core.database.direct, record.connectionId);
  const { consent, title } = connection.adapter;
  if (!consent) throw new Error(`The adapter ${connection.adapter.name} has no consent.`);
  const { authorizeUrl } = await consentView(core, core.database.direct, record);
  return {
    status: statusOf(core, record),
    provider: title,
    authorizeUrl,
    origin: consent.origin(connection.baseUrl),
    messageType: consent.messageType,
  };
}

/** Takes what the popup posted to the end user's page, as `completeConsent` does; the state stands for the key. */
export async function completeOnPage(core: Core, id: string, answer: ConsentComplete): Promise<void> {
  const { tenantId } = await sessionOfLink(core, id, answer.state);
  await completeConsent(core, tenantId, id, answer);
}

// The state is looked at first: whoever guesses costs no query and learns nothing of the session.
async function sessionOfLink(core: Core, id: string, state: string): Promise<StoredRecord> {
  const known = timingSafeEqual(hashOf(state), hashOf(stateOf(core, id)));
  const record = known ? await core.stores.records.findAnywhere(core.database.direct, CONSENT, id) : null;
  if (!record) throw new Refusal('not-found', { detail: 'There is no such consent session.' });
  return record;
}

const hashOf = (state: string): Buffer => Buffer.from(hashOfState(state));

function statusOf(core: Core, { body, stateHash, expiresAt }: StoredRecord): ConsentOffer['status'] {
  if (body['status'] === 'completed') return 'completed';
  return stateHash === null || expiresAt! <= core.now() ? 'over' : 'open';
}
