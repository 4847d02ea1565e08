import { holdStates } from '#canonical';
import { kinds } from '#outbound';

/** The outcomes of a write: the last part of the types of its events. */
const ends = ['succeeded', 'rejected', 'unknown', 'needs-review', 'cancelled', 'expired'] as const;

const written = new Set(Object.values(kinds).flatMap(({ eventPrefix }) => eventPrefix ?? []));

/** All event types. */
export const eventTypes: readonly string[] = [
  'connection.state-changed',
  ...[...ends, 'resolved'].map(end => `operation.${end}`),
  ...[...written].flatMap(prefix => ends.map(end => `${prefix}.${end}`)),
  // The provider's list showed another status than before.
  ...['pending', 'approved', 'reversed'].map(status => `referral.conversion.${status}`),
  // `hold.active`: a doubtful one that turned out to stand.
  ...['created', ...holdStates].map(what => `hold.${what}`),
  'customer.upserted',
  'lane.saturated',
  'lane.recovered',
  'subscription.disabled',
  'subscription.test',
];
