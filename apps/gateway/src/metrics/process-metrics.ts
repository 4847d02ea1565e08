import type { Figures } from '#persistence';
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Core } from '../core.js';
import type { StoresWatch } from '../stores-watch.js';
import { within } from '../within.js';
import { storeMetrics } from './store-metrics.js';

/** The format of what `ProcessMetrics` says. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** A scrape is answered without the stored figures where they take longer, in milliseconds. */
const PATIENCE_MS = 3_000;

/** What every process of ours measures. Labels name routes, lanes and states, never people. */
export class ProcessMetrics {
  /** Of this process alone. */
  readonly own = new Registry();
  readonly #up: Gauge;
  #figures: Promise<Figures> | undefined;
  #unread = false;

  constructor(
    private readonly core: Core,
    private readonly stores: StoresWatch,
  ) {
    collectDefaultMetrics({ register: this.own });
    countCalls(core, this.own);
    this.#up = new Gauge({
      name: 'gateway_store_up',
      help: 'Whether this process can use Postgres, and Redis if it is configured.',
      labelNames: ['store'],
      registers: [this.own],
    });
  }

  /** All metrics in Prometheus format. While Postgres is away, its metrics are left out, never shown stale. */
  async read(): Promise<string> {
    const away = (await this.stores.away()).map(({ store }) => store);
    const figures = away.includes('postgres') ? undefined : await this.#read();
    this.#up.set({ store: 'postgres' }, away.includes('postgres') ? 0 : 1);
    this.#up.set({ store: 'redis' }, away.includes('redis') ? 0 : 1);
    const texts = [this.own.metrics(), ...(figures ? [storeMetrics(figures).metrics()] : [])];
    return (await Promise.all(texts)).join('\n');
  }

  // Those who ask while it takes long share it: they must not make it longer.
  async #read(): Promise<Figures | undefined> {
    const { database, stores } = this.core;
    this.#figures ??= stores.figures.read(database.direct).finally(() => (this.#figures = undefined));
    try {
      const figures = await within(PATIENCE_MS, this.#figures);
      this.#unread = false;
      return figures;
    } catch (error) {
      this.#tellUnread(error);
      return undefined;
    }
  }

  // Once: a scrape follows every few seconds.
  #tellUnread(error: unknown): void {
    if (this.#unread) return;
    this.#unread = true;
    this.core.log('warn', 'the figures that /metrics takes from Postgres could not be read', {
      error: String(error),
    });
  }
}

function countCalls({ callLog: { tally }, breakers }: Core, registry: Registry): void {
  const registers = [registry];
  const labelNames = ['provider', 'outcome'];
  new Counter({
    name: 'gateway_provider_calls_total',
    help: 'Calls of this process to providers, by outcome.',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { provider, outcome, calls } of tally.counts) this.inc({ provider, outcome }, calls);
    },
  });
  new Counter({
    name: 'gateway_provider_call_seconds_total',
    help: 'The total time of these calls.',
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const { provider, outcome, seconds } of tally.counts) this.inc({ provider, outcome }, seconds);
    },
  });
  new Gauge({
    name: 'gateway_open_breakers',
    help: 'Lanes that this process does not use because their provider does not answer.',
    registers,
    collect() {
      this.set(breakers.open);
    },
  });
}
