import { Refusal, clipped } from '#canonical';
import { Unreadable, defineExchange } from '#adapter-kit';
import type { Context } from '#adapter-kit';
import { carried } from './carried.js';
import { complaintOf, wordsOf } from './refusal.js';
import type { LoyalClientSettings } from './settings.js';
import { post } from './wire.js';

/** Neither a phone, nor a card, nor a code: it finds no client and has no effect. */
const nobody = 'connection-check';

const shown = (message: string) => clipped({ name: 'loyalclient', message }).message;

/** Searches for a client who cannot exist: "no such client" means that the key was accepted. */
export const keyProbe = defineExchange({
  name: 'key-probe',
  call: 'POST /integration/general/client',
  retryClass: 'read',
  accepts: [422],
  request: (_ask: Record<string, never>, { settings }: Context<LoyalClientSettings>) =>
    post('client', { search: nobody, point: settings.defaultPoint ?? nobody }),
  read(answer, _ask: Record<string, never>, { settings }: Context<LoyalClientSettings>) {
    const complaint = complaintOf(answer);
    if (complaint === 'point' && settings.defaultPoint !== undefined)
      throw new Refusal('location-unknown', {
        detail: 'LoyalClient does not know the connection’s `defaultPoint`; the key itself was not refused.',
      });
    if (complaint === 'client' || complaint === 'point') return { keyAccepted: true };
    const words = answer.status === 422 ? wordsOf(answer) : undefined;
    if (words !== undefined) throw new Unreadable('', `says "${shown(words)}"`);
    carried(answer, 'client');
    return { keyAccepted: true };
  },
});
