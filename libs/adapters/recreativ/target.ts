import { refusalAt } from '#canonical';

/** What Recreativ counts as a conversion; the index of each word is its number in requests. */
export const targets = ['all', 'purchase', 'registration', 'intermediate'] as const;

/** The `targetId` of a word or a number; throws a `Refusal` for any other. */
export function targetId(target: string | undefined): string | undefined {
  if (target === undefined) return undefined;
  const number = /^[0-3]$/.test(target) ? Number(target) : targets.findIndex(word => word === target);
  if (number < 0) throw refusalAt('/query/target', `Recreativ’s targets are ${targets.join(', ')} (0 to 3).`);
  return String(number);
}
