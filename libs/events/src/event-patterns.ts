import { Refusal, refusalAt } from '#canonical';
import { eventTypes } from './event-types.js';

/** The families of event types: the part before the first dot. */
export const eventFamilies = [...new Set(eventTypes.map(type => type.split('.')[0]!))];

/** Throws 422 for a pattern that could never match; allowed are a type, a family (`purchase.*`, `referral.link.*`) and `*`. */
export function assertEventPatterns(patterns: readonly string[]): void {
  const errors = patterns.flatMap((given, index) => {
    if (matchesAny(given)) return [];
    return [{ pointer: `/events/${index}`, code: 'validation-failed', detail: whatThereIs(given) }];
  });
  if (errors.length > 0) throw new Refusal('validation-failed', { detail: errors[0]!.detail, errors });
}

/** Throws 400 for a filter by type that could never match. */
export function assertEventFilter(type: string | undefined): void {
  if (type !== undefined && !matchesAny(type))
    throw refusalAt('/query/type', whatThereIs(type), 'invalid-parameter');
}

function matchesAny(pattern: string): boolean {
  if (pattern === '*' || eventTypes.includes(pattern)) return true;
  return pattern.endsWith('.*') && eventTypes.some(type => type.startsWith(pattern.slice(0, -1)));
}

function whatThereIs(given: string): string {
  const family = given.split('.')[0]!;
  const own = eventTypes.filter(type => type.startsWith(`${family}.`));
  if (own.length > 0) return `No event has this type. The types of this family are: ${own.join(', ')}.`;
  return `Expected a type (\`purchase.succeeded\`), a family (\`purchase.*\`) or \`*\`; families: ${eventFamilies.join(', ')}.`;
}
