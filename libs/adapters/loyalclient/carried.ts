import { Unreadable, reader } from '#adapter-kit';
import type { Reader, WireAnswer } from '#adapter-kit';

/** The documented names of the results. */
export type Carried = 'client' | 'recalc' | 'held' | 'retail';

const names: Carried[] = ['client', 'recalc', 'held', 'retail'];
const envelopes = ['data', 'result', 'response'];

/** The result of a success: under its documented name, at the top or in one envelope; or the envelope itself, if the answer has a success flag. */
export function carried({ body }: WireAnswer, name: Carried): Reader {
  const whole = reader(body);
  const places = placesIn(body);
  if (places.some(place => place.at('success').flag() === false))
    throw new Unreadable('/success', 'contradicts the rest of the answer');
  const named = places.map(place => place.at(name).record()).find(found => found !== undefined);
  const [, envelope] = places;
  const sure = places.some(place => place.at('success').flag() === true);
  const unnamed = sure && !carriesAny(body) ? envelope : undefined;
  return named ?? unnamed ?? whole.at(name).needRecord();
}

/** Whether the answer contains any result: an executed call must never be reported as refused. */
export const carriesAny = (body: unknown): boolean =>
  placesIn(body).some(place => names.some(name => place.at(name).record() !== undefined));

/** The answer itself, and the envelope in it, if there is one. */
export function placesIn(body: unknown): Reader[] {
  const whole = reader(body);
  const inner = envelopes.map(key => whole.at(key).record()).find(found => found !== undefined);
  return inner ? [whole, inner] : [whole];
}
