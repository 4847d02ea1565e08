import { faults } from '../faults/fault-names.js';
import type { FaultRule, StandingRule } from '../faults/fault-rules.js';
import { limitsOf } from '../rate-limiter.js';
import type { RateChoice } from '../rate-limiter.js';
import type { SandboxContext } from '../context.js';

/** A request to `/__sim/…`. */
export interface ControlRequest {
  method: string;
  /** Below `/__sim`. */
  path: string;
  query: URLSearchParams;
  body: unknown;
}

/** The answer to a control request; the body is sent as JSON. */
export interface ControlAnswer {
  status: number;
  body: unknown;
}

type Route = (context: SandboxContext, asked: ControlRequest) => unknown;

const providerIn = ({ query }: ControlRequest): string | undefined => query.get('provider') ?? undefined;

const routes: Record<string, Route> = {
  'GET ': context => providers(context),
  'GET /journal': ({ journal }, { query }) => ({
    data: journal.list({
      provider: query.get('provider') ?? undefined,
      effects: query.get('effects') === 'true',
      since: Number(query.get('since') ?? 0),
    }),
  }),
  'POST /reset': (context, { body }) => reset(context, body as Reset),
  'GET /faults': ({ rules }) => ({ faults, rules: rules.list() }),
  'POST /faults': (context, { body }) => {
    const asked = (Array.isArray(body) ? body : [body]) as FaultRule[];
    return { rules: asked.map(rule => addFault(context, rule)) };
  },
  'DELETE /faults': async ({ rules, port }, { query }) => {
    rules.remove({
      id: query.has('id') ? Number(query.get('id')) : undefined,
      provider: query.get('provider') ?? undefined,
    });
    await port.reopen();
    return { rules: rules.list() };
  },
  'GET /clock': ({ clock }) => time(clock),
  'POST /clock': ({ clock }, { body }) => {
    const { offsetMs, now } = body as { offsetMs?: number; now?: string };
    const offset = now === undefined ? offsetMs : Date.parse(now) - clock.real();
    if (typeof offset !== 'number' || !Number.isFinite(offset))
      throw new TypeError('give offsetMs (a number) or now (an RFC 3339 time)');
    clock.move(offset);
    return time(clock);
  },
  'GET /state': ({ simulators }, asked) => simulators.state(providerIn(asked)),
  'GET /rate': ({ rate }, asked) => ({ limits: rate.limits, data: rate.list(providerIn(asked)) }),
};

/** Answers a request to the sandbox itself; never throws: an invalid request gets a 400 with an explanation. */
export async function answerControl(context: SandboxContext, asked: ControlRequest): Promise<ControlAnswer> {
  const route = routes[`${asked.method} ${asked.path.replace(/\/$/, '')}`];
  if (!route) return { status: 404, body: { error: 'no such control', controls: Object.keys(routes) } };
  try {
    return { status: 200, body: await route(context, asked) };
  } catch (error) {
    return { status: 400, body: { error: (error as Error).message } };
  }
}

function providers({ simulators, port, clock }: SandboxContext) {
  const data = simulators.all().map(({ factory: { provider, demo }, mount }) => {
    return { provider, baseUrl: `${port.url}${mount}`, demo };
  });
  return { data, clock: time(clock), controls: Object.keys(routes) };
}

const time = (clock: SandboxContext['clock']) => ({
  offsetMs: clock.offsetMs,
  now: clock.now().toISOString(),
});

interface Reset {
  provider?: string;
  /** Of the provider's simulator; only together with `provider`. */
  options?: unknown;
  seed?: number;
  rateLimit?: RateChoice;
}

/** Resets the ledger, journal, faults and rates of one provider or of all; a full reset includes the clock and the port. */
async function reset(
  context: SandboxContext,
  { provider, options, seed, rateLimit }: Reset,
): Promise<{ reset: string[] }> {
  const { simulators, journal, rules, rate, clock, port } = context;
  const names = provider === undefined ? simulators.all().map(({ factory }) => factory.provider) : [provider];
  if (provider !== undefined && !simulators.find(provider))
    throw new TypeError(`"${provider}" is not served here`);
  if (options !== undefined && provider === undefined) throw new TypeError('options need a provider');
  if (seed !== undefined) rules.seed = seed;
  if (rateLimit !== undefined) rate.limits = limitsOf(rateLimit);
  if (provider === undefined) {
    clock.forget();
    clock.move(0);
    await port.reopen();
  }
  simulators.reset(provider, options);
  journal.clear(provider);
  rules.remove({ provider });
  rate.clear(provider);
  return { reset: names };
}

function addFault({ rules, port }: SandboxContext, rule: FaultRule): StandingRule {
  if (rule.fault !== 'port-closed') return rules.add(rule);
  port.shutFor(rule.params?.forMs ?? 1_000);
  return { ...rule, id: 0, played: 1 };
}
