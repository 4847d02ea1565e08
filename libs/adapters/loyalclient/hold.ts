import { Refusal, refusalAt } from '#canonical';
import type { HoldAsk, HoldData, Points, ProviderRefs } from '#canonical';
import {
  Unreadable,
  defineExchange,
  inconclusive,
  reader,
  saysSomething,
  send,
  steps,
  wireNumber,
} from '#adapter-kit';
import type { Context, Reader, Reconcile, WireAnswer } from '#adapter-kit';
import { carried, placesIn } from './carried.js';
import { clientBalance, pointsOf, searched } from './client.js';
import { pointOf, requireExactNumber } from './preconditions.js';
import { sendOnce } from './send-once.js';
import type { LoyalClientSettings } from './settings.js';
import { clientIdOf, post } from './wire.js';

/** The longest duration of a hold at LoyalClient in seconds: 30 minutes. */
export const maxHoldSeconds = 1800;

/** More than network latency and truncated seconds can add. */
const SLACK_SECONDS = 60;
const HOUR_MS = 3_600_000;

/** Points to be held for a client whose id is known. */
export interface HoldPointsAsk {
  clientId: string;
  point: string;
  points: Points;
  minutes: number;
}

/** Holds points; each call creates another hold, so it is sent again only after a 429. */
export const holdPoints = defineExchange({
  name: 'hold',
  call: 'POST /integration/general/bonuses/hold',
  retryClass: 'reconcilable',
  doubts429: true,
  // A hold spends nothing: too many points here means more than the client has.
  errors: { spend: 'insufficient-points' },
  request: ({ clientId, point, points, minutes }: HoldPointsAsk) =>
    post('bonuses/hold', { client: clientId, point, amount: wireNumber(points), duration: minutes }),
  read(answer, { clientId, points, minutes }, { now }: Context<LoyalClientSettings>): HoldData {
    const held = carried(answer, 'held');
    const clock = clockOf(answer, now.getTime());
    return {
      refs: { holdId: held.at('id').needId() },
      points: pointsOf(held.at('amount')) ?? points,
      // The end is in LoyalClient's clock, and so is its substitute.
      until: new Date(toldEnd(held, clock, now.getTime()) ?? (clock ?? now.getTime()) + minutes * 60_000),
      customer: { refs: { clientId } },
    };
  },
});

// A date header that is hours off is ignored: it is local time sent as GMT.
function clockOf({ headers }: WireAnswer, now: number): number | undefined {
  const date = Date.parse(reader(headers['date']).time() ?? '');
  return Math.abs(date - now) <= HOUR_MS ? date : undefined;
}

// Used even if earlier than requested. If it is absent or impossible (hours late by the provider's clock, else by ours: local time sent as
// UNIX time; hours before the hold began by ours), the documented rule applies: a hold ends after its duration.
function toldEnd(held: Reader, clock: number | undefined, now: number): number | undefined {
  const until = Date.parse(held.at('until').time() ?? '');
  // A clock that is not known is hardly more than an hour ahead.
  const latest = (clock ?? now + HOUR_MS) + (maxHoldSeconds + SLACK_SECONDS) * 1_000;
  return until > now - HOUR_MS && until <= latest ? until : undefined;
}

/** Holds points for the identified client. */
export const createHold = steps(holdPoints, function* (ask: HoldAsk, context: Context<LoyalClientSettings>) {
  const minutes = wholeMinutes(ask.durationSeconds);
  const { points } = ask;
  requireExactNumber('/points', points);
  const point = pointOf(ask.locationId, context.settings);
  const known = clientIdOf(ask.subject);
  // A read for every hold would cost tills more than this: a second one behind a 429 keeps points until it ends by itself.
  if (known !== undefined) return yield* send(holdPoints, { clientId: known, point, points, minutes });
  const { subject } = ask;
  const before = yield* searched(clientBalance, subject.identifier!, { point, holds: [] });
  const held = { clientId: before.clientId, point, points, minutes };
  // Of a hold that has been made all the same, the points are missing: a till that is told "refused" would ask for fewer.
  return yield* sendOnce(holdPoints, held, { subject, before, point, holds: [], points }, context);
});

// Rounded up: a hold that ends too early costs the customer the promised points, while some seconds more cost nothing, and the
// answer contains the real end.
function wholeMinutes(seconds: number): number {
  if (seconds >= 60 && seconds <= maxHoldSeconds) return Math.ceil(seconds / 60);
  const detail = `LoyalClient holds points for 1 to 30 whole minutes, but ${seconds} seconds were requested.`;
  throw refusalAt('/durationSeconds', detail, 'hold-duration-out-of-range');
}

/** LoyalClient has no look-up of holds: nothing proves or disproves one, and it ends by itself. */
export const holdExpires: Reconcile<HoldAsk, HoldData> = {
  strategy: 'hold-expires',
  // oxlint-disable-next-line require-yield -- there is no call for it
  *run() {
    return inconclusive(
      'LoyalClient has no call that shows a hold; if this one was created, it expires by itself.',
    );
  },
};

/** Releases held points; safe to repeat. The answer is the same for a hold that never existed, so it proves nothing. */
export const releasePoints = defineExchange({
  name: 'release',
  call: 'POST /integration/general/bonuses/release',
  retryClass: 'absolute',
  request: ({ holdId }: { holdId: string }) => post('bonuses/release', { id: holdId }),
  read: (answer: WireAnswer): { verified: boolean } => {
    if (typeof answer.body !== 'object' || answer.body === null) throw new Unreadable('', 'is not an object');
    if (placesIn(answer.body).some(complains)) throw new Unreadable('', 'contains an error');
    return { verified: false };
  },
});

const complains = (place: Reader): boolean => [place.at('error'), place.at('errors')].some(saysSomething);

/** Releases one of our holds. One that LoyalClient no longer knows keeps no points, whatever ended it: that is the success that the document promises for it. */
export const releaseHold = steps(releasePoints, function* ({ refs }: { refs: ProviderRefs }) {
  const holdId = refs['holdId'];
  if (holdId === undefined)
    throw new Refusal('state-conflict', {
      detail:
        'The answer to this hold was lost, so its id at LoyalClient is not known; it expires by itself.',
    });
  try {
    return yield* send(releasePoints, { holdId });
  } catch (error) {
    if (error instanceof Refusal && error.members.provider?.code === 'hold') return { verified: false };
    throw error;
  }
});
