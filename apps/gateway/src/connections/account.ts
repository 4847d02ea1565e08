import type { Adapter } from '#adapter-kit';
import { registry } from '#adapters';
import { fieldRefusal, readBody } from '#canonical';
import { EgressRefused, canonicalJson, openConnection } from '#outbound';
import type { EgressGuard } from '#outbound';
import type { StoredConnection, Vault } from '#persistence';
import type { Core } from '../core.js';

/** Credentials as an adapter's class has read them. */
export type Credentials = Record<string, string>;

/** The adapter of a provider that a body names; 422 for one that is not offered. */
export function adapterOf(provider: string): Adapter {
  if (Object.hasOwn(registry, provider)) return registry[provider]!.adapter;
  throw fieldRefusal('/provider', `Expected one of: ${Object.keys(registry).join(', ')}.`);
}

/** Reads credentials by the adapter's own class; faults point to `/credentials/…`. */
export const readCredentials = (adapter: Adapter, plain: unknown): Credentials =>
  plainOf(readBody(adapter.credentials, plain, '/credentials')) as Credentials;

/** Reads settings by the adapter's own class; faults point to `/settings/…`. */
export const readSettingsOf = (adapter: Adapter, plain: unknown): Record<string, unknown> =>
  plainOf(readBody(adapter.settings, plain, '/settings'));

/** Whether new credentials or settings are those of another account; false where neither tells, or the old credentials cannot be decrypted any more. */
export function isOtherAccount(
  core: Core,
  stored: StoredConnection,
  fresh: { credentials?: Credentials; settings?: Record<string, unknown> },
): boolean {
  const { account } = adapterOf(stored.provider);
  if (!account) return false;
  try {
    const before = openConnection(core, stored);
    const { credentials = before.credentials, settings = before.settings } = fresh;
    return account(before.credentials, before.settings) !== account(credentials, settings);
  } catch {
    return false;
  }
}

const plainOf = (read: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));

/** The base URL to use: the given one, judged by the egress guard and written as every URL of its address is, or the provider's own. Throws 422 at `/baseUrl`. */
export async function baseUrlFor(guard: EgressGuard, adapter: Adapter, given?: string): Promise<string> {
  if (given === undefined) {
    if (adapter.baseUrl !== undefined) return adapter.baseUrl;
    throw fieldRefusal('/baseUrl', `Each merchant has its own address at ${adapter.title}: send it.`);
  }
  if (given.includes('?')) throw fieldRefusal('/baseUrl', 'A base URL cannot have a query.');
  try {
    await guard.checkUrl(given);
  } catch (error) {
    if (error instanceof EgressRefused) throw fieldRefusal('/baseUrl', error.message);
    throw error;
  }
  return withoutSlash(withoutEnd(withoutSlash(new URL(given).href), adapter.sharedPath ?? ''));
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

const withoutEnd = (text: string, end: string): string =>
  text.endsWith(end) ? text.slice(0, text.length - end.length) : text;

/** The lane's fingerprint: one token at one provider is one lane, whatever the number of connections; it tells nothing of the token. */
export function laneFingerprint(
  vault: Vault,
  account: { provider: string; baseUrl: string; credentials: Credentials },
): string {
  const { provider, baseUrl, credentials } = account;
  const print = vault.fingerprint('lane', canonicalJson([provider, new URL(baseUrl).origin, credentials]));
  return `${provider}-${print.slice(0, 32)}`;
}

/** Credentials sealed with a fresh data key of the connection's own. */
export function sealCredentials(
  vault: Vault,
  connection: { tenantId: string; id: string },
  credentials: Credentials,
): { dataKey: Buffer; credentials: Buffer } {
  const owner = `${connection.tenantId}/${connection.id}`;
  const dataKey = vault.newDataKey(owner);
  return { dataKey, credentials: vault.sealWith(dataKey, owner, credentials) };
}
