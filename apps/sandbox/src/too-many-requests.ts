import type { SimulatedAnswer } from '#adapter-kit/testing';

// Recreativ: a Yii2 envelope and X-Rate-Limit headers, without Retry-After. UDS: plain text, as its clients report.
const shapes: Record<string, SimulatedAnswer> = {
  recreativ: {
    status: 429,
    headers: { 'x-rate-limit-limit': '5', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '1' },
    body: { name: 'Too Many Requests', message: 'Rate limit exceeded.', code: 0, status: 429 },
  },
  uds: { status: 429, body: 'Server Error' },
};

const usual: SimulatedAnswer = { status: 429, body: { message: 'Too Many Requests' } };

/** A provider's 429 answer, in its own format where that is known. */
export const tooManyRequests = (provider: string): SimulatedAnswer => shapes[provider] ?? usual;
