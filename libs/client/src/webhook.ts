import { Webhook } from 'standardwebhooks';
import type { GatewaySchemas } from './types.js';

export { WebhookVerificationError } from 'standardwebhooks';

type Family =
  | 'connection'
  | 'operation'
  | 'purchase'
  | 'refund'
  | 'hold'
  | 'customer'
  | 'referral'
  | 'payout'
  | 'lane'
  | 'subscription';

/** Something that happened: thin, at least once, `sequence` strictly increasing per resource. Read the resource for the rest. */
export type LoyaltyEvent = Omit<GatewaySchemas['GatewayEvent'], 'type'> & { type: `${Family}.${string}` };

/** Headers as `fetch` or as Node's `http` give them. */
export type WebhookHeaders = Headers | Record<string, string | string[] | undefined>;

/**
 * The event of a webhook request, once it is proved to be the gateway's and at most five minutes old. `rawBody` must be the
 * bytes as they came: parsed and printed again they are others. Throws `WebhookVerificationError`.
 */
export function verifyWebhook(
  secret: string,
  headers: WebhookHeaders,
  rawBody: string | Uint8Array,
): LoyaltyEvent {
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const single = entries.map(([name, value]) => [name.toLowerCase(), [value ?? []].flat().join(' ')]);
  const body = typeof rawBody === 'string' ? rawBody : new TextDecoder().decode(rawBody);
  return new Webhook(secret).verify(
    body,
    Object.fromEntries(single) as Record<string, string>,
  ) as LoyaltyEvent;
}
