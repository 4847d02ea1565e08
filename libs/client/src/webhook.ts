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

/** An event: thin, delivered at least once, with a `sequence` that increases per resource. Read the resource for details. */
export type LoyaltyEvent = Omit<GatewaySchemas['GatewayEvent'], 'type'> & { type: `${Family}.${string}` };

/** Headers as returned by `fetch` or by Node's `http`. */
export type WebhookHeaders = Headers | Record<string, string | string[] | undefined>;

/**
 * Verifies that a webhook request comes from the gateway and is at most five minutes old, and returns its event. `rawBody` must
 * be the bytes as received, not re-serialised JSON. Throws `WebhookVerificationError`.
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
