import type { HeldPoints, Subject } from '#canonical';
import { wireNumber } from '#adapter-kit';
import type { Reader, WireRequest } from '#adapter-kit';

/** The two ways in which a level rewards: points for later, or money off at once. */
export type Kind = 'cashback' | 'discount';

/** The path that all calls of LoyalClient share. */
export const sharedPath = '/integration/general';

/** Every call of LoyalClient: a POST with a JSON body below `/integration/general`. */
export const post = (call: string, json: Record<string, unknown>): WireRequest => ({
  method: 'POST',
  path: `${sharedPath}/${call}`,
  json,
});

/** The optional `hold` of a body: left out when no hold is named. */
export const holdField = (holds: string[]): { hold?: string[] } => (holds.length > 0 ? { hold: holds } : {});

/** LoyalClient's ids of the holds that a request names. */
export const holdIds = (holds: HeldPoints[]): string[] =>
  holds.map(({ refs }) => refs['holdId']).filter(id => id !== undefined);

/** LoyalClient's id of the client, when we met before. */
export const clientIdOf = (subject: Subject): string | undefined => subject.refs?.['clientId'];

/** Amounts and points go out as JSON numbers; fractions as they are, since nothing says how they would be rounded. */
export const amount = wireNumber;

/** Whether an amount has no fraction: only those come back surely as they were sent. */
export const isWhole = (decimal: string): boolean => !/\.\d*[1-9]/.test(decimal);

/** The word for the kind of a level; `undefined` for a word that the document does not know. */
export function kindOf(word: Reader): Kind | undefined {
  const text = word.text()?.toLowerCase();
  return text === 'cashback' || text === 'discount' ? text : undefined;
}
