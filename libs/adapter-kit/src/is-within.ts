import type { Range } from '#canonical';
import { reader } from './read.js';

/** Whether a provider's time is in the range, both ends included; without a time that can be read it is not left out. */
export function isWithin(time: string | null | undefined, { from, to }: Range): boolean {
  const at = reader(time).time();
  return !at || ((!from || new Date(at) >= from) && (!to || new Date(at) <= to));
}
