import { laneIdOf } from '#canonical';
import type { Figures } from '#persistence';
import { Gauge, Registry } from 'prom-client';

/** Gauges read from Postgres; the same in every process. */
export function storeMetrics(figures: Figures): Registry {
  const registry = new Registry();
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name: `gateway_${name}`, help, labelNames, registers: [registry] });

  const open = gauge(
    'open_operations',
    'Operations that are not finished, or wait for a person.',
    'lane',
    'class',
    'state',
  );
  const oldest = gauge('oldest_operation_seconds', 'How long ago the oldest of them was taken in.', 'state');
  for (const state of ['queued', 'dispatching', 'unknown', 'needs-review']) {
    const rows = figures.operations.filter(row => row.state === state);
    oldest.set({ state }, Math.max(0, ...rows.map(row => row.oldestSeconds)));
    // Added up: two lanes may begin alike.
    for (const { lane, laneClass, count } of rows)
      open.inc({ lane: laneIdOf(lane), class: laneClass, state }, count);
  }
  const connections = gauge('connections', 'Connections by provider and state.', 'provider', 'state');
  for (const { provider, state, count } of figures.connections) connections.set({ provider, state }, count);
  const lanes = gauge(
    'troubled_lanes',
    'Lanes that turn callers away (saturated) or whose provider is in trouble (degraded).',
    'trouble',
  );
  lanes.set({ trouble: 'saturated' }, figures.saturatedLanes);
  lanes.set({ trouble: 'degraded' }, figures.degradedLanes);
  gauge('overdue_holds', 'Active holds whose end is over.').set(figures.overdueHolds);
  gauge('doubtful_holds', 'Holds of which nobody knows whether they stand.').set(figures.doubtfulHolds);
  eventMetrics(figures, gauge);
  return registry;
}

function eventMetrics(figures: Figures, gauge: (name: string, help: string, ...labels: string[]) => Gauge) {
  gauge('waiting_events', 'Events that no delivery was made of yet.').set(figures.waitingEvents);
  gauge('oldest_event_seconds', 'How long ago the oldest of them happened.').set(figures.oldestEventSeconds);
  gauge('waiting_deliveries', 'Deliveries that have not arrived, also those to be tried again.').set(
    figures.waitingDeliveries,
  );
  gauge('late_delivery_seconds', 'By how much the most overdue of them is late.').set(
    figures.lateDeliverySeconds,
  );
  const subscriptions = gauge(
    'subscriptions',
    'Subscriptions by state; failing = in service, and nothing gets through.',
    'state',
  );
  for (const { state, count } of figures.subscriptions) subscriptions.set({ state }, count);
}
