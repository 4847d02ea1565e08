import type { HeldPoints, Subject } from '#canonical';
import type { Reader, WireRequest } from '#adapter-kit';

/** The two kinds of levels: points for later, or an immediate discount. */
export type Kind = 'cashback' | 'discount';

/** The path prefix of all calls of LoyalClient. */
export const sharedPath = '/integration/general';

/** Every call of LoyalClient: a POST with a JSON body below `/integration/general`. Amounts and points in it are numbers with their fractions, since rounding is not documented. */
export const post = (call: string, json: Record<string, unknown>): WireRequest => ({
  method: 'POST',
  path: `${sharedPath}/${call}`,
  json,
});

/** The optional `hold` of a body: left out if no hold is named. */
export const holdField = (holds: string[]): { hold?: string[] } => (holds.length > 0 ? { hold: holds } : {});

/** LoyalClient's ids of the holds named in a request. */
export const holdIds = (holds: HeldPoints[]): string[] =>
  holds.map(({ refs }) => refs['holdId']).filter(id => id !== undefined);

/** LoyalClient's id of the client, if known. */
export const clientIdOf = (subject: Subject): string | undefined => subject.refs?.['clientId'];

/** Whether an amount has no fraction: only those are certainly booked unchanged. */
export const isWhole = (decimal: string): boolean => !/\.\d*[1-9]/.test(decimal);

/** The kind of a level; `undefined` for an undocumented word. */
export function kindOf(word: Reader): Kind | undefined {
  const text = word.text()?.toLowerCase();
  return text === 'cashback' || text === 'discount' ? text : undefined;
}
