import { Refusal } from '#canonical';

/** First words of the events' types. */
export const eventFamilies = [
  'connection',
  'operation',
  'purchase',
  'refund',
  'hold',
  'customer',
  'referral',
  'payout',
  'lane',
  'subscription',
] as const;

const families = eventFamilies.join('|');
const pattern = new RegExp(`^(?:\\*|(?:${families})(?:\\.[a-z][a-z-]*)*(?:\\.\\*|\\.[a-z][a-z-]*))$`);

/** Throws 422 for a pattern that could never match: a type, a family (`purchase.*`) or `*` is wanted. */
export function assertPatterns(patterns: readonly string[]): void {
  const errors = patterns.flatMap((given, index) => {
    if (pattern.test(given)) return [];
    const detail = `A type (\`purchase.succeeded\`), a family (\`purchase.*\`) or \`*\` is wanted; families: ${eventFamilies.join(', ')}.`;
    return [{ pointer: `/events/${index}`, code: 'validation-failed', detail }];
  });
  if (errors.length > 0) throw new Refusal('validation-failed', { detail: errors[0]!.detail, errors });
}
