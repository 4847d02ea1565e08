import type { SandboxClock } from './sandbox-clock.js';
import type { FaultRules } from './faults/fault-rules.js';
import type { Journal } from './journal.js';
import type { Port } from './port.js';
import type { RateLimiter } from './rate-limiter.js';
import type { Simulators } from './simulators.js';

/** The shared parts of a running sandbox, used by the provider server and the control server alike. */
export interface SandboxContext {
  simulators: Simulators;
  journal: Journal;
  rules: FaultRules;
  rate: RateLimiter;
  clock: SandboxClock;
  port: Port;
}
