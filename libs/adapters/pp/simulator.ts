import { defineSimulator } from '#adapter-kit/testing';
import type { SimulatedAnswer, SimulatedRequest, Simulator } from '#adapter-kit/testing';
import { Account } from './simulator/account.js';
import { addPayout, exchanges, info, links, payouts } from './simulator/calls.js';
import type { Call, Done } from './simulator/calls.js';
import type { PpOptions } from './simulator/options.js';
import { bad, good, say } from './simulator/site.js';

const LOGIN = 'demo-pp-login';
const KEY = 'demo-pp-key';

const oldCalls = new Map<string, (call: Call) => Done>([
  ['get_info', info],
  ['get_links', links],
  ['get_exchanges', exchanges],
  ['get_payouts', payouts],
  ['add_payout', addPayout],
]);

const userCalls = new Map<string, (call: Call) => Done>([
  [
    'test',
    ({ now }) => ({
      body: good({ ip: '127.0.0.1', user_id: 8, locale: 'ru_RU', partner_id: 8, time: now.getTime() }),
    }),
  ],
  ['get_partner_info', info],
  ['get_partner_links', links],
  ['get_partner_exchanges', exchanges],
  ['get_partner_payouts', payouts],
  ['add_partner_payout', addPayout],
]);

/** A Premium Exchanger site with both APIs; each key of the form `demo-pp-key…` has its own ledger. */
class PpSite implements Simulator {
  private readonly accounts = new Map<string, Account>();
  private start?: Date;

  constructor(
    private readonly options: PpOptions,
    private readonly firstNumber: number,
  ) {}

  handle(request: SimulatedRequest): SimulatedAnswer {
    this.start ??= request.now;
    if (/^\/api\.(html|php)$/.test(request.path)) return this.oldApi(request);
    const [, method] = /^\/api\/userapi\/v1\/([a-z_]+)$/.exec(request.path) ?? [];
    return method === undefined ? nowhere : this.userApi(method, request);
  }

  state(): unknown {
    const now = this.start ?? new Date(0);
    return [...this.accounts].map(([key, account]) => ({
      key: `…${key.slice(-4)}`,
      balanceAtStart: account.balance(now).toFixed(),
      payouts: account.payouts(),
    }));
  }

  // Only these three are read from the query; other fields in it are silently ignored.
  private oldApi({ query, method, body, now }: SimulatedRequest): SimulatedAnswer {
    const key = query.get('api_key') ?? '';
    const call = query.get('api_action') === 'pp' ? oldCalls.get(query.get('method') ?? '') : undefined;
    if (!call || key === '' || this.options.module === false) return notImplemented;
    if (this.options.enabled === false) return answer({ body: bad('Api disabled') });
    const account = this.account(key);
    if (!account) return answer({ body: bad(say(this.options.language).key) });
    const form = new URLSearchParams(method === 'POST' ? body : '');
    return answer(call({ account, form, now, options: this.options, userApi: false }));
  }

  private userApi(method: string, { method: verb, headers, body, now }: SimulatedRequest): SimulatedAnswer {
    if (verb !== 'POST') return nowhere;
    const account = headers['api-login'] === LOGIN ? this.account(headers['api-key'] ?? '') : undefined;
    if (!account || this.options.enabled === false) return answer({ body: bad('Api disabled') });
    const call = userCalls.get(method);
    if (!call) return answer({ body: bad('Method not supported') });
    const language = headers['api-lang']?.startsWith('en') ? 'en' : 'ru';
    const options: PpOptions = { ...this.options, language };
    return answer(call({ account, form: new URLSearchParams(body), now, options, userApi: true }));
  }

  private account(key: string): Account | undefined {
    if (!key.startsWith(KEY)) return undefined;
    const found = this.accounts.get(key) ?? new Account(this.options, this.start!, this.firstNumber);
    this.accounts.set(key, found);
    return found;
  }
}

const answer = ({ body, effect }: Done): SimulatedAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body,
  ...(effect ? { effect } : {}),
});

const notImplemented: SimulatedAnswer = {
  status: 501,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '',
};

const nowhere: SimulatedAnswer = {
  status: 404,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<!DOCTYPE html><html lang="ru-RU"><head><title>404</title></head><body><h1>Страница не найдена</h1></body></html>',
};

/** The simulator of PP. */
export const ppSimulator = defineSimulator<PpOptions>({
  provider: 'pp',
  basePath: '',
  demo: { credentials: { apiKey: KEY, apiLogin: LOGIN }, settings: {} },
  credentialIn: ['api_key', 'api-key'],
  cast: { payout: { methodId: '1', account: 'U7654321' } },
  create: (options = {}, firstNumber = 0) => new PpSite(options, firstNumber),
});
