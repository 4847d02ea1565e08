import type { Logger } from 'pino';
import type { Core } from './core.js';

/** The core's log on a pino logger. */
export const logOf =
  (logger: Logger): Core['log'] =>
  (level, message, facts) =>
    logger[level](facts ?? {}, message);
