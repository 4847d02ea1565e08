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
    'Operations that are not finished or need a person.',
    'lane',
    'class',
    'state',
  );
  const oldest = gauge('oldest_operation_seconds', 'How long ago the oldest of them was accepted.', 'state');
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
    'Lanes that refuse callers (saturated) or whose provider has problems (degraded).',
    'trouble',
  );
  lanes.set({ trouble: 'saturated' }, figures.saturatedLanes);
  lanes.set({ trouble: 'degraded' }, figures.degradedLanes);
  gauge('overdue_holds', 'Active holds that are past their end.').set(figures.overdueHolds);
  gauge('doubtful_holds', 'Holds whose existence at the provider is unknown.').set(figures.doubtfulHolds);
  eventMetrics(figures, gauge);
  return registry;
}

function eventMetrics(figures: Figures, gauge: (name: string, help: string, ...labels: string[]) => Gauge) {
  gauge('waiting_events', 'Events that have no delivery yet.').set(figures.waitingEvents);
  gauge('oldest_event_seconds', 'How long ago the oldest of them happened.').set(figures.oldestEventSeconds);
  gauge('waiting_deliveries', 'Deliveries that have not arrived, including those to be retried.').set(
    figures.waitingDeliveries,
  );
  gauge('late_delivery_seconds', 'How late the most overdue of them is.').set(figures.lateDeliverySeconds);
  const subscriptions = gauge(
    'subscriptions',
    'Subscriptions by state; failing = active, but no delivery succeeds.',
    'state',
  );
  for (const { state, count } of figures.subscriptions) subscriptions.set({ state }, count);
}
