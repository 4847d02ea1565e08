import { kinds } from '#outbound';

/** What becomes of a write, and so the last word of the events about it. */
const ends = ['succeeded', 'rejected', 'unknown', 'needs-review', 'cancelled', 'expired'] as const;

const written = new Set(Object.values(kinds).flatMap(({ eventPrefix }) => eventPrefix ?? []));

/** The type of every event that there is. */
export const eventTypes: readonly string[] = [
  'connection.state-changed',
  ...[...ends, 'resolved'].map(end => `operation.${end}`),
  ...[...written].flatMap(prefix => ends.map(end => `${prefix}.${end}`)),
  // A list showed that the provider has changed its mind.
  ...['pending', 'approved', 'reversed'].map(status => `referral.conversion.${status}`),
  ...['created', 'expired', 'released', 'consumed', 'doubtful'].map(what => `hold.${what}`),
  'customer.upserted',
  'lane.saturated',
  'lane.recovered',
  'subscription.disabled',
  'subscription.test',
];
