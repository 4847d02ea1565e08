import type { Context, WireRequest } from '#adapter-kit';
import type { PpCredentials } from './credentials.js';
import type { PpSettings } from './settings.js';

type Form = NonNullable<WireRequest['form']>;

// The names of the same calls in the user API.
const userApiNames: Record<Method, string> = {
  get_info: 'get_partner_info',
  get_links: 'get_partner_links',
  get_exchanges: 'get_partner_exchanges',
  get_payouts: 'get_partner_payouts',
  add_payout: 'add_partner_payout',
};

/** The path of the documented API; a base URL may be given together with it, as the provider's document writes it. */
export const documentedPath = '/api.html';

/** A call, by its documented name. */
export type Method = 'get_info' | 'get_links' | 'get_exchanges' | 'get_payouts' | 'add_payout';

/** Builds a call in the connection's dialect; the key is added later by `authenticate`. */
export function request(
  method: Method,
  { settings, language }: Context<PpSettings>,
  form: Form = {},
): WireRequest {
  if (settings.dialect === 'userapi-v1')
    return {
      method: 'POST',
      path: `/api/userapi/v1/${userApiNames[method]}`,
      headers: { 'API-LANG': language === 'ru' ? 'ru_RU' : 'en_US' },
      form,
    };
  // Everything but these two and the key is read only from the POST form: in the query it is silently ignored.
  const path = settings.path ?? documentedPath;
  return { method: 'POST', path, query: { api_action: 'pp', method }, form };
}

/** The key: in the query of the documented API, in headers of the user API. */
export function authenticate({ apiKey, apiLogin }: PpCredentials, settings: PpSettings) {
  if (settings.dialect !== 'userapi-v1') return { query: { api_key: apiKey } };
  // Without a login the site answers "Api disabled", which becomes the right problem.
  return { headers: { 'API-KEY': apiKey, ...(apiLogin ? { 'API-LOGIN': apiLogin } : {}) } };
}
