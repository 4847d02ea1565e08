import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Core } from '../core.js';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25];

/** What the gateway measures of itself, in a registry of its own. Labels name routes and lanes, never people. */
export class Metrics {
  readonly registry = new Registry();
  readonly #requests = new Histogram({
    name: 'gateway_request_duration_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [this.registry],
  });

  constructor(core: Core) {
    collectDefaultMetrics({ register: this.registry });
    this.#countLateness(core.lateness);
    const gauge = new Gauge({
      name: 'gateway_open_operations',
      help: 'Operations that are not finished, by lane and state.',
      labelNames: ['lane', 'class', 'state'],
      registers: [this.registry],
      collect: async () => {
        const rows = await openOperations(core);
        gauge.reset();
        for (const { lane, laneClass, state, count } of rows)
          gauge.set({ lane, class: laneClass, state }, count);
      },
    });
  }

  #countLateness(lateness: Core['lateness']): void {
    const registers = [this.registry];
    new Gauge({
      name: 'gateway_late_seconds',
      help: 'How late the process has been in each of the last looks, a second apart: its event loop, or whoever waited for a connection to Postgres.',
      registers,
      collect() {
        this.set(lateness.ms / 1000);
      },
    });
    new Counter({
      name: 'gateway_refused_late_total',
      help: 'Calls that were turned away because they could not be answered within their wait.',
      registers,
      collect() {
        this.reset();
        this.inc(lateness.refused);
      },
    });
  }

  /** Counts every answer under its route's template. */
  watch(instance: FastifyInstance): void {
    instance.addHook('onResponse', async (request, reply) => {
      const route = request.routeOptions.url ?? 'none';
      const labels = { method: request.method, route, status: String(reply.statusCode) };
      this.#requests.observe(labels, reply.elapsedTime / 1000);
    });
  }
}

type OpenOperations = { lane: string; laneClass: string; state: string; count: number };

const openOperations = (core: Core): Promise<OpenOperations[]> =>
  core.database.direct.query(
    `select lane, lane_class as "laneClass", state, count(*)::int as count from operations
     where state in ('queued','dispatching','unknown') group by 1, 2, 3`,
  );
