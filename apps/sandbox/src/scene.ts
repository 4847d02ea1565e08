import type { SandboxClock } from './sandbox-clock.js';
import type { FaultRules } from './faults/fault-rules.js';
import type { Journal } from './journal.js';
import type { Port } from './port.js';
import type { RateLaw } from './rate-law.js';
import type { Stage } from './stage.js';

/** All that the sandbox consists of; its faces (provider, control) look at the same one. */
export interface Scene {
  stage: Stage;
  journal: Journal;
  rules: FaultRules;
  rate: RateLaw;
  clock: SandboxClock;
  port: Port;
}
