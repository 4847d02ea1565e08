import { Refusal } from '#canonical';

/** A page has one watcher, and a person may open many pages; more indicates watchers that are not closed. */
const MOST_PER_KEY = 50;
/** A disconnected watcher is noticed within seconds. */
const COME_BACK_SECONDS = 15;

/** Counts the streams that keys have open in this process: one costs a socket and a timer for a quarter of an hour, and no request of the key's rate. */
export class Watchers {
  readonly #open = new Map<string, number>();

  /** Counts one until its signal is aborted; throws 429 where the key has too many. */
  admit(keyId: string, gone: AbortSignal): void {
    const open = this.#open.get(keyId) ?? 0;
    if (open >= MOST_PER_KEY)
      throw new Refusal('too-many-requests', {
        detail: `This key already has ${open} open streams here, which is the maximum. Close one.`,
        retryAfterSeconds: COME_BACK_SECONDS,
      });
    if (gone.aborted) return;
    this.#open.set(keyId, open + 1);
    gone.addEventListener('abort', () => this.#leave(keyId), { once: true });
  }

  #leave(keyId: string): void {
    const left = this.#open.get(keyId)! - 1;
    if (left > 0) this.#open.set(keyId, left);
    else this.#open.delete(keyId);
  }
}
