import { Refusal } from '#canonical';
import type { HoldAsk, HoldData, Points, ProviderRefs } from '#canonical';
import { Unreadable, defineExchange, reader, send, steps } from '#adapter-kit';
import type { Context, Reader, Reconcile, WireAnswer } from '#adapter-kit';
import { carried } from './carried.js';
import { clientStanding, pointsOf, searched } from './client.js';
import { demandPoints, pointOf } from './demands.js';
import type { LoyalClientSettings } from './settings.js';
import { amount, clientIdOf, post } from './wire.js';

/** Seconds that LoyalClient keeps a hold at the longest: 30 minutes. */
export const maxHoldSeconds = 1800;

/** More than the way of an answer, and seconds that are cut off, can add. */
const SLACK_SECONDS = 60;
const HOUR_MS = 3_600_000;

/** Points to be set aside for a client whose id is known. */
export interface HoldPointsAsk {
  clientId: string;
  point: string;
  points: Points;
  minutes: number;
}

/** Sets points aside; each call makes one more hold, so a lost answer is never followed by a repeat. */
export const holdPoints = defineExchange({
  name: 'hold',
  call: 'POST /integration/general/bonuses/hold',
  retryClass: 'reconcilable',
  // A hold spends nothing: what is too much here is more than the client has.
  errors: { spend: 'insufficient-points' },
  request: ({ clientId, point, points, minutes }: HoldPointsAsk) =>
    post('bonuses/hold', { client: clientId, point, amount: amount(points), duration: minutes }),
  read(answer, { clientId, points, minutes }, { now }: Context<LoyalClientSettings>): HoldData {
    const held = carried(answer, 'held');
    const clock = clockOf(answer, now.getTime());
    return {
      refs: { holdId: held.at('id').needId() },
      points: pointsOf(held.at('amount')) ?? points,
      // Its end is in LoyalClient's clock, and so is what stands in for it.
      until: new Date(toldEnd(held, clock, now.getTime()) ?? (clock ?? now.getTime()) + minutes * 60_000),
      customer: { refs: { clientId } },
    };
  },
});

// A header that is hours off is no clock: local time sent as GMT.
function clockOf({ headers }: WireAnswer, now: number): number | undefined {
  const told = Date.parse(reader(headers['date']).time() ?? '');
  return Math.abs(told - now) <= HOUR_MS ? told : undefined;
}

// Believed even where it is earlier than asked. Where none is told, or one that no hold can have (hours late by the clock
// that was told: local time for UNIX time; hours before it began by ours), the documented rule stands: a hold ends after
// its duration.
function toldEnd(held: Reader, clock: number | undefined, now: number): number | undefined {
  const until = Date.parse(held.at('until').time() ?? '');
  const latest = clock === undefined ? Infinity : clock + (maxHoldSeconds + SLACK_SECONDS) * 1_000;
  return until > now - HOUR_MS && until <= latest ? until : undefined;
}

/** Sets points aside for whoever is named. */
export const createHold = steps(holdPoints, function* (ask: HoldAsk, context: Context<LoyalClientSettings>) {
  const minutes = wholeMinutes(ask.durationSeconds);
  demandPoints('/points', ask.points);
  const point = pointOf(ask.locationId, context.settings);
  const clientId =
    clientIdOf(ask.subject) ??
    (yield* searched(clientStanding, ask.subject.identifier!, { point, holds: [] })).clientId;
  return yield* send(holdPoints, { clientId, point, points: ask.points, minutes });
});

// Rounded up: a hold that ends before the till is done costs the customer the points that were promised, one that
// lasts some seconds more costs nobody anything, and the answer tells its true end.
function wholeMinutes(seconds: number): number {
  if (seconds >= 60 && seconds <= maxHoldSeconds) return Math.ceil(seconds / 60);
  const detail = `LoyalClient holds points for 1 to 30 whole minutes; ${seconds} seconds were asked.`;
  const code = 'hold-duration-out-of-range';
  throw new Refusal(code, { detail, errors: [{ pointer: '/durationSeconds', code, detail }] });
}

/** LoyalClient has no look-up of holds: nothing ever proves or disproves one, and it ends by itself. */
export const holdExpires: Reconcile<HoldAsk, HoldData> = {
  strategy: 'hold-expires',
  // oxlint-disable-next-line require-yield -- there is no call that could be asked
  *run() {
    return {
      verdict: 'inconclusive',
      note: 'LoyalClient cannot be asked for a hold; if it was made, it ends by itself after its duration.',
    };
  },
};

/** Lets held points go; safe to repeat. The answer is the same when no such hold was ever made, so it proves nothing. */
export const releasePoints = defineExchange({
  name: 'release',
  call: 'POST /integration/general/bonuses/release',
  retryClass: 'absolute',
  request: ({ holdId }: { holdId: string }) => post('bonuses/release', { id: holdId }),
  read: (answer: WireAnswer): { verified: boolean } => {
    if (typeof answer.body !== 'object' || answer.body === null) throw new Unreadable('', 'is not an object');
    return { verified: false };
  },
});

/** Releases one of our holds. */
export const releaseHold = steps(releasePoints, function* ({ refs }: { refs: ProviderRefs }) {
  const holdId = refs['holdId'];
  if (holdId !== undefined) return yield* send(releasePoints, { holdId });
  throw new Refusal('state-conflict', {
    detail: 'The answer to this hold was lost, so LoyalClient’s id of it is not known; it ends by itself.',
  });
});
