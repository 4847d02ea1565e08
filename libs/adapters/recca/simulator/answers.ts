import type { SimulatedAnswer } from '#adapter-kit/testing';

/** Kopecks, formatted for people. */
export const formatted = (kopecks: number): string =>
  `${String(Math.trunc(kopecks / 100)).replace(/\B(?=(\d{3})+$)/g, ' ')} ₽`;

/** A past time in words, such as "2 days ago". */
export function relative(moment: Date, now: Date): string {
  const hours = Math.floor((now.getTime() - moment.getTime()) / 3_600_000);
  if (hours < 1) return 'только что';
  return hours < 24 ? `${hours} ч назад` : `${Math.floor(hours / 24)} дн назад`;
}

/** A refusal; its body is not documented. */
export const no = (status: number, error: string, message: string, headers = {}): SimulatedAnswer => ({
  status,
  headers,
  body: { error, message },
});

/** The answer for an undocumented URL. */
export const nowhere = no(404, 'not_found', 'Not Found');

/** The JSON object of a body, or `undefined`. */
export function objectOf(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** A non-empty text, or `undefined`. */
export const textIn = (body: Record<string, unknown>, name: string): string | undefined => {
  const value = body[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};
