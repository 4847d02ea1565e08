import { Refusal, refusalAt } from '#canonical';
import type { CustomerData, Identifier, ProviderRefs, Subject, Who } from '#canonical';
import type { StoredCustomer, Tx } from '#persistence';
import type { OpenConnection } from '../connections/connection.js';
import type { Core } from '../core/core.js';

/** The customer of an operation, resolved before anything is sent. */
export interface ResolvedCustomer {
  subject: Subject;
  customerId?: string;
  /** Lock key of their spends: the customer's id if known, else a fingerprint of the identifier. */
  lock: string;
}

/** What an identity token carries, sealed: it is never stored and never shown. */
interface IdentityToken {
  identifier?: Identifier;
  refs?: ProviderRefs;
  customerId?: string;
  /** Unix milliseconds. */
  expires: number;
}

/** Resolves customerId, identityToken or identifier to what the adapter needs. Throws `not-found`, `identity-token-expired`, `validation-failed`. */
export async function resolveWho(
  core: Core,
  tx: Tx,
  connection: OpenConnection,
  who: Who,
): Promise<ResolvedCustomer> {
  if (who.customerId) return byCustomer(core, tx, connection, who.customerId);
  if (who.identityToken) return byToken(core, connection, who.identityToken);
  const identifier = who.identifier!;
  return { subject: { identifier }, lock: identifierLock(core, connection, identifier) };
}

/** A customer of this connection by our id; `not-found` also for another tenant's or connection's, and for one who was forgotten. */
export async function byCustomer(
  core: Core,
  tx: Tx,
  connection: OpenConnection,
  customerId: string,
): Promise<ResolvedCustomer> {
  const { refs } = await storedCustomer(core, tx, connection, customerId);
  return { subject: { refs }, customerId, lock: customerId };
}

/** As `byCustomer`, with all that is kept of them. */
export async function storedCustomer(
  core: Core,
  tx: Tx,
  { id, tenantId, slug }: OpenConnection,
  customerId: string,
): Promise<StoredCustomer> {
  const customer = await core.stores.customers.find(tx, tenantId, customerId);
  if (customer?.connectionId !== id)
    throw new Refusal('not-found', {
      detail: `There is no customer ${customerId} at the connection ${slug}.`,
    });
  assertRemembered(customer);
  return customer;
}

/** Whether the provider can be asked about a customer: one who was forgotten has no references. */
export const isRemembered = ({ refs }: Pick<StoredCustomer, 'refs'>): boolean => Object.keys(refs).length > 0;

/** Throws `not-found` for a customer who was forgotten, or is kept under another id: only this id is left, and no provider could be asked about it. */
export function assertRemembered(customer: Pick<StoredCustomer, 'id' | 'refs'>): void {
  if (!isRemembered(customer)) throw forgotten(customer.id);
}

/** The refusal of an id under which no customer is kept any more. */
export const forgotten = (id: string): Refusal =>
  new Refusal('not-found', {
    detail: `The customer ${id} was forgotten here, or turned out to be the same person as another customer: look them up again for the id that they have now.`,
  });

/** The opaque token of a look-up: the shown identifier and who it belongs to, sealed for this connection and for some minutes. */
export function identityToken(
  core: Core,
  connection: OpenConnection,
  found: { identifier: Identifier; customer: CustomerData; customerId: string },
): { token: string; expiresAt: string; canRedeem: boolean } | undefined {
  const { identity, providerRefs } = found.customer;
  if (!identity) return undefined;
  const expires = core.now().getTime() + identity.expiresInSeconds * 1000;
  const content: IdentityToken = {
    identifier: found.identifier,
    refs: providerRefs,
    customerId: found.customerId,
    expires,
  };
  const token = core.vault.seal('identity', connection.id, content).toString('base64url');
  return { token, expiresAt: new Date(expires).toISOString(), canRedeem: identity.canRedeem };
}

function byToken(core: Core, connection: OpenConnection, token: string): ResolvedCustomer {
  const content = openToken(core, connection, token);
  if (content.expires <= core.now().getTime()) throw new Refusal('identity-token-expired');
  const { identifier, refs, customerId } = content;
  return {
    subject: { identifier, refs },
    customerId,
    lock: customerId ?? identifierLock(core, connection, identifier!),
  };
}

function openToken(core: Core, connection: OpenConnection, token: string): IdentityToken {
  try {
    return core.vault.open<IdentityToken>('identity', connection.id, Buffer.from(token, 'base64url'));
  } catch {
    const detail =
      'This token was not issued by this gateway for this connection; look the customer up again.';
    // The sentence of the whole answer is the table's.
    throw refusalAt('/identityToken', detail, 'validation-failed', { detail: undefined });
  }
}

const identifierLock = (core: Core, connection: OpenConnection, identifier: Identifier): string =>
  `who_${identifierPrint(core, connection, identifier).slice(0, 40)}`;

/** What stands for an identifier where nothing personal may be kept. */
export const identifierPrint = (
  { vault }: Core,
  { id }: OpenConnection,
  { type, value }: Identifier,
): string => vault.fingerprint('identifier', `${id} ${type} ${value}`);
