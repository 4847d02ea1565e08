import { answerFaults } from './answer-faults.js';
import { bodyFaults } from './body-faults.js';
import type { InjectFault } from './faulty-call.js';
import { connectionFaults } from './connection-faults.js';
import type { FaultName } from './fault-names.js';

/** The faults of a single call; the other two strike before there is a call. */
export type CallFaultName = Exclude<FaultName, 'port-closed' | 'refused'>;

/** How each fault is injected. */
export const callFaults: Record<CallFaultName, InjectFault> = {
  ...connectionFaults,
  ...answerFaults,
  ...bodyFaults,
};

/** Faults that strike after the request's head has arrived, without reading its body. */
export const beforeReading: ReadonlySet<string> = new Set(['reset-before-reading', 'keepalive-close']);
