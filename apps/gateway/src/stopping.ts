import { setMaxListeners } from 'node:events';
import { Subject } from 'rxjs';
import { Refusal } from '#canonical';

/** Requests that are still running so long after a stop began are answered, in milliseconds; the process has ten seconds. */
const PATIENCE_MS = 6_500;

/** The end of the process as those see it who live longer than one answer. */
export class Stopping {
  readonly #begun = new AbortController();
  /** Errors, once, when requests may no longer go on: with the answer that they get instead; of a write it is told that its outcome is unknown (`inDoubt`). */
  readonly tooLate = new Subject<never>();

  constructor() {
    // Every stream listens.
    setMaxListeners(0, this.#begun.signal);
  }

  /** Aborted when the stop begins. */
  get signal(): AbortSignal {
    return this.#begun.signal;
  }

  /** Aborted when the stop begins or the reader of the answer is gone: a stream ends then, whatever it waits for. */
  endOf(answer: { readonly closed: boolean; once(event: 'close', gone: () => void): unknown }): AbortSignal {
    const end = new AbortController();
    const abort = () => end.abort();
    if (this.signal.aborted || answer.closed) abort();
    this.signal.addEventListener('abort', abort);
    answer.once('close', () => {
      this.signal.removeEventListener('abort', abort);
      abort();
    });
    return end.signal;
  }

  begin(): void {
    if (this.signal.aborted) return;
    this.#begun.abort();
    const end = () =>
      this.tooLate.error(
        new Refusal('dependency-unavailable', {
          detail:
            'The gateway is being restarted; repeat the request unchanged, a write with the same Idempotency-Key.',
        }),
      );
    setTimeout(end, PATIENCE_MS).unref();
  }
}
