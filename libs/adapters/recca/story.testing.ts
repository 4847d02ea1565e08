import type { ReconcileContext } from '#adapter-kit';
import type { ConversionAsk } from '#canonical';
import { reccaSimulator } from './simulator.js';

/** The time of the specs. */
export const now = new Date('2026-01-15T12:00:00.000Z');
/** What a plan of the specs is given. */
export const context = {
  settings: reccaSimulator.demo.settings,
  now,
  operationId: 'opr_01h455vb4pex5vsknk084sn02q',
};

/** A sale of a hundred roubles to this lead. */
export const saleTo = (leadRef: string): ConversionAsk => ({
  leadRef,
  referrer: { tenantReccaId: 'ub_GB_xyz', reccaUserId: 'usr_01HXVB0001' },
  amount: { amount: '100.00', currency: 'RUB' },
  merchantReference: 'order-42',
});

/** The first look for a write whose answer was lost just now, with what had been read before it. */
export const firstLookAfter = (before: Record<string, unknown>): ReconcileContext => ({
  ...context,
  firstSentAt: now,
  lastSentAt: now,
  repeats: 0,
  tries: 1,
  before,
});
