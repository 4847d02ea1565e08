import { faults } from '../faults/fault-names.js';
import type { FaultRule, StandingRule } from '../faults/fault-rules.js';
import { limitsOf } from '../rate-law.js';
import type { RateChoice } from '../rate-law.js';
import type { Scene } from '../scene.js';

/** A request to `/__sim/…`. */
export interface Asked {
  method: string;
  /** Below `/__sim`. */
  path: string;
  query: URLSearchParams;
  body: unknown;
}

/** What control answers; the body is JSON. */
export interface Told {
  status: number;
  body: unknown;
}

type Route = (scene: Scene, asked: Asked) => unknown;

const providerIn = ({ query }: Asked): string | undefined => query.get('provider') ?? undefined;

const routes: Record<string, Route> = {
  'GET ': scene => providers(scene),
  'GET /journal': ({ journal }, { query }) => ({
    data: journal.list({
      provider: query.get('provider') ?? undefined,
      effects: query.get('effects') === 'true',
      since: Number(query.get('since') ?? 0),
    }),
  }),
  'POST /reset': (scene, { body }) => reset(scene, body as Reset),
  'GET /faults': ({ rules }) => ({ faults, rules: rules.list() }),
  'POST /faults': (scene, { body }) => {
    const asked = (Array.isArray(body) ? body : [body]) as FaultRule[];
    return { rules: asked.map(rule => addFault(scene, rule)) };
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
  'GET /state': ({ stage }, asked) => stage.state(providerIn(asked)),
  'GET /rate': ({ rate }, asked) => ({ limits: rate.limits, data: rate.list(providerIn(asked)) }),
};

/** Answers a request to the sandbox itself; never throws: nonsense is a 400 with a sentence. */
export async function control(scene: Scene, asked: Asked): Promise<Told> {
  const route = routes[`${asked.method} ${asked.path.replace(/\/$/, '')}`];
  if (!route) return { status: 404, body: { error: 'no such control', controls: Object.keys(routes) } };
  try {
    return { status: 200, body: await route(scene, asked) };
  } catch (error) {
    return { status: 400, body: { error: (error as Error).message } };
  }
}

function providers({ stage, port, clock }: Scene) {
  const data = stage.players().map(({ factory: { provider, demo }, mount }) => {
    return { provider, baseUrl: `${port.url}${mount}`, demo };
  });
  return { data, clock: time(clock), controls: Object.keys(routes) };
}

const time = (clock: Scene['clock']) => ({ offsetMs: clock.offsetMs, now: clock.now().toISOString() });

interface Reset {
  provider?: string;
  /** Of the provider's simulator; only together with `provider`. */
  options?: unknown;
  seed?: number;
  rateLimit?: RateChoice;
}

/** One provider, or everything, as at the start: ledger, journal, faults, rates; all of it: clock and port too. */
async function reset(
  scene: Scene,
  { provider, options, seed, rateLimit }: Reset,
): Promise<{ reset: string[] }> {
  const { stage, journal, rules, rate, clock, port } = scene;
  const names = provider === undefined ? stage.players().map(({ factory }) => factory.provider) : [provider];
  if (provider !== undefined && !stage.player(provider))
    throw new TypeError(`"${provider}" is not served here`);
  if (options !== undefined && provider === undefined) throw new TypeError('options need a provider');
  if (seed !== undefined) rules.seed = seed;
  if (rateLimit !== undefined) rate.limits = limitsOf(rateLimit);
  if (provider === undefined) {
    clock.forget();
    clock.move(0);
    await port.reopen();
  }
  stage.reset(provider, options);
  journal.clear(provider);
  rules.remove({ provider });
  rate.clear(provider);
  return { reset: names };
}

function addFault({ rules, port }: Scene, rule: FaultRule): StandingRule {
  if (rule.fault !== 'port-closed') return rules.add(rule);
  port.shutFor(rule.params?.forMs ?? 1_000);
  return { ...rule, id: 0, played: 1 };
}
