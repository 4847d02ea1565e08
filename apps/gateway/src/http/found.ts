import { Refusal } from '#canonical';

/** What was looked up; throws 404 `not-found` if there is none. */
export function found<T>(one: T | null | undefined): T {
  if (one === null || one === undefined) throw new Refusal('not-found');
  return one;
}
