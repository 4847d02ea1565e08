import { defineSimulator } from '#adapter-kit/testing';
import type { SimulatedAnswer, SimulatedRequest } from '#adapter-kit/testing';

/** The smallest provider there is, for the sandbox's own tests: `POST /coins {key, amount}` adds, `GET /coins` tells. */
export const coins = defineSimulator<{ start?: number }>({
  provider: 'coins',
  basePath: '/api',
  demo: { credentials: { token: 'secret-token' }, settings: {} },
  credentialIn: ['auth-token', 'key'],
  create: ({ start = 0 } = {}) => {
    let total = start;
    const add = ({ body, now }: SimulatedRequest): SimulatedAnswer => {
      const { key, amount } = JSON.parse(body) as { key: string; amount: number };
      total += amount;
      const answer = { id: key, total, rank: 'gold', limit: '100.50', at: now.toISOString() };
      return { status: 201, body: answer, effect: { type: 'coins', key, data: { amount: String(amount) } } };
    };
    return {
      handle: request => {
        if (request.headers['auth-token'] !== 'secret-token' && request.query.get('key') !== 'secret-token')
          return { status: 403, body: { error: 'who are you?' } };
        if (request.path === '/broken') throw new Error('a defect of the simulator');
        return request.method === 'POST' ? add(request) : { status: 200, body: { total } };
      },
      state: () => ({ total }),
    };
  },
});
