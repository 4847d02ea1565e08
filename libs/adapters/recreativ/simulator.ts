import { defineSimulator } from '#adapter-kit/testing';
import type { SimulatedAnswer, SimulatedRequest, Simulator } from '#adapter-kit/testing';
import { No, dressed, refused } from './simulator/answers.js';
import type { Done } from './simulator/answers.js';
import { Books } from './simulator/books.js';
import type { Routes } from './simulator/call.js';
import { campaignRoutes } from './simulator/campaigns.js';
import { offerRoutes } from './simulator/offers.js';
import type { RecreativOptions } from './simulator/options.js';
import { reportRoutes } from './simulator/reports.js';
import { TOKEN } from './simulator/seed.js';
import { userRoutes } from './simulator/users.js';

const routes: Routes = [...userRoutes, ...campaignRoutes, ...offerRoutes, ...reportRoutes];
const usual = { paging: true, format: 'json', createdBody: false, referrals: 21 } as const;

class RecreativNetwork implements Simulator {
  private readonly books = new Map<string, Books>();
  private readonly options: Required<RecreativOptions>;

  constructor(
    options: RecreativOptions,
    private readonly firstNumber: number,
  ) {
    this.options = { ...usual, ...options };
  }

  handle(request: SimulatedRequest): SimulatedAnswer {
    return dressed(this.answer(request), request, this.options.format);
  }

  state(): unknown {
    const all = [...this.books].map(([token, { users, campaigns, offers, coefficients }]) => {
      return [token, { users, campaigns, offers, coefficients: Object.fromEntries(coefficients) }];
    });
    return { options: this.options, accounts: Object.fromEntries(all) };
  }

  private answer(request: SimulatedRequest): Done {
    try {
      const [pattern, methods] = routes.find(([path]) => path.test(request.path)) ?? [];
      if (!pattern || !methods) throw new No(404, 'Page not found.');
      const books = this.booksOf(request.headers['auth-token']);
      const call = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
      if (!call) throw notAllowed(Object.keys(methods));
      const [, ...ids] = pattern.exec(request.path)!;
      return call({ books, request, ids, options: this.options });
    } catch (error) {
      if (error instanceof No) return refused(error);
      throw error;
    }
  }

  private booksOf(token = ''): Books {
    if (!token.startsWith(TOKEN)) throw new No(401, 'You are requesting with an invalid credential.');
    const found = this.books.get(token) ?? new Books(this.options.referrals, this.firstNumber);
    this.books.set(token, found);
    return found;
  }
}

function notAllowed(methods: string[]): No {
  const allow = methods.join(', ');
  const message = `Method Not Allowed. This URL can only handle the following request methods: ${allow}.`;
  return new No(405, message, { headers: { allow } });
}

/** The simulator of Recreativ. */
export const recreativSimulator = defineSimulator<RecreativOptions>({
  provider: 'recreativ',
  basePath: '/api',
  demo: { credentials: { authToken: TOKEN }, settings: {} },
  credentialIn: ['auth-token'],
  // A Yii2 envelope and X-Rate-Limit headers, without Retry-After.
  tooManyRequests: {
    status: 429,
    headers: { 'x-rate-limit-limit': '5', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '1' },
    body: { name: 'Too Many Requests', message: 'Rate limit exceeded.', code: 0, status: 429 },
  },
  cast: {
    account: { type: 'uid', value: '6001' },
    newCustomer: { username: 'dina', email: 'dina@example.com' },
  },
  create: (options = {}, firstNumber = 0) => new RecreativNetwork(options, firstNumber),
});
