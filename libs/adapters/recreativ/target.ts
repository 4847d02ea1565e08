import { wrong } from './wire.js';

/** What Recreativ counts as a conversion; each word stands at its number on the wire. */
export const targets = ['all', 'purchase', 'registration', 'intermediate'] as const;

/** The wire's `targetId` of a word or of its number; a `Refusal` for any other. */
export function targetId(target: string | undefined): string | undefined {
  if (target === undefined) return undefined;
  const number = /^[0-3]$/.test(target) ? Number(target) : targets.findIndex(word => word === target);
  if (number < 0) throw wrong('/query/target', `Recreativ knows the targets ${targets.join(', ')} (0 to 3).`);
  return String(number);
}
