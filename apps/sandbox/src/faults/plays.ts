import { answerPlays } from './answer-plays.js';
import { bodyPlays } from './body-plays.js';
import type { Play } from './call.js';
import { connectionPlays } from './connection-plays.js';
import type { FaultName } from './fault-names.js';

/** Faults of one call; the other two strike before there is a call. */
export type CallFault = Exclude<FaultName, 'port-closed' | 'refused'>;

/** How each fault is played. */
export const plays: Record<CallFault, Play> = { ...connectionPlays, ...answerPlays, ...bodyPlays };

/** Faults that strike when the head of a request is there and its body is not looked at. */
export const beforeReading: ReadonlySet<string> = new Set(['reset-before-reading', 'keepalive-close']);
