import type { SimulatedAnswer } from '#adapter-kit/testing';

/** Kopecks as they are shown to people. */
export const formatted = (kopecks: number): string =>
  `${String(Math.trunc(kopecks / 100)).replace(/\B(?=(\d{3})+$)/g, ' ')} ₽`;

/** The people's word for how long ago something was. */
export function relative(moment: Date, now: Date): string {
  const hours = Math.floor((now.getTime() - moment.getTime()) / 3_600_000);
  if (hours < 1) return 'только что';
  return hours < 24 ? `${hours} ч назад` : `${Math.floor(hours / 24)} дн назад`;
}

/** A refusal; the document shows no body of one. */
export const no = (status: number, error: string, message: string, headers = {}): SimulatedAnswer => ({
  status,
  headers,
  body: { error, message },
});

/** What a URL that no document names gets. */
export const nowhere = no(404, 'not_found', 'Not Found');

/** JSON of a body, or `undefined` for what is no object. */
export function objectOf(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** A text that is there, or nothing. */
export const textIn = (body: Record<string, unknown>, name: string): string | undefined => {
  const value = body[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};
