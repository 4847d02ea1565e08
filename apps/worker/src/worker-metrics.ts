import type { EventWorkers } from '#events';
import type { Core, Workers } from '#outbound';
import { Counter, Gauge } from 'prom-client';
import { ProcessMetrics } from '../../gateway/src/metrics/process-metrics.js';
import type { StoresWatch } from '../../gateway/src/stores-watch.js';

const resultOf = { delivered: 'delivered', pending: 'failed', dead: 'given-up' };

/** The worker's own metrics, besides those of every process: its sweep and its deliveries. */
export class WorkerMetrics extends ProcessMetrics {
  constructor(core: Core, stores: StoresWatch, work: { operations: Workers; events: EventWorkers }) {
    super(core, stores);
    const registers = [this.own];
    const { operations, events } = work;
    new Gauge({
      name: 'gateway_last_sweep_timestamp_seconds',
      help: 'When this worker last processed everything that is due; it does so every three seconds.',
      registers,
      collect() {
        this.set(operations.sweptAt / 1000);
      },
    });
    new Counter({
      name: 'gateway_delivery_tries_total',
      help: 'Attempts of this worker to deliver an event; failed = it will be retried.',
      labelNames: ['result'],
      registers,
      collect() {
        this.reset();
        for (const [status, result] of Object.entries(resultOf))
          this.inc({ result }, events.endings.get(status as keyof typeof resultOf) ?? 0);
      },
    });
  }
}
