import { setTimeout as pause } from 'node:timers/promises';
import type { BackendFactory, IQueueBackend } from 'bullmq';

/** After how long a worker hears that the store refused its question for the next job, in milliseconds. */
const REFUSED_MS = 1_000;

/** A busy worker of BullMQ asks for its next job at once again where the store refuses (it has too many clients, is starting, or is full): hundreds of times a second, just when the store can bear it least. Here the refusal comes later. */
export const unhurried =
  <B extends IQueueBackend, C>(open: BackendFactory<B, C>): BackendFactory<B, C> =>
  (...terms) => {
    const backend = open(...terms);
    const next = backend.moveToActive.bind(backend);
    backend.moveToActive = (...job) =>
      next(...job).catch(async (error: unknown) => {
        await pause(REFUSED_MS);
        throw error;
      });
    return backend;
  };
