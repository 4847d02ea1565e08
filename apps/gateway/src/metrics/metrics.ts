import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Core } from '../core.js';
import type { StoresWatch } from '../stores-watch.js';
import { ProcessMetrics } from './process-metrics.js';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25];

/** The gateway's own metrics, besides those of every process: its answers and its lag. */
export class Metrics extends ProcessMetrics {
  readonly #requests = new Histogram({
    name: 'gateway_request_duration_seconds',
    help: 'Time from request to answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [this.own],
  });

  constructor(core: Core, stores: StoresWatch) {
    super(core, stores);
    this.#countLag(core.loadShedder);
  }

  #countLag(loadShedder: Core['loadShedder']): void {
    const registers = [this.own];
    new Gauge({
      name: 'gateway_late_seconds',
      help: 'How late the process was at each of the last measurements, one per second: its event loop, or the wait for a Postgres connection.',
      registers,
      collect() {
        this.set(loadShedder.lagMs / 1000);
      },
    });
    new Counter({
      name: 'gateway_refused_late_total',
      help: 'Calls that were refused because they could not be answered within their wait.',
      registers,
      collect() {
        this.reset();
        this.inc(loadShedder.refused);
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
