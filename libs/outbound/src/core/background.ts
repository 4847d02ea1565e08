/** Work that nobody waits for any more but that must not be cut off: a graceful stop lets it end first. */
export class Background {
  readonly #running = new Set<Promise<unknown>>();

  /** Lets the work run on; its failure goes to `failed`, never to nobody. */
  run(work: Promise<unknown>, failed: (error: unknown) => void): void {
    const watched = work.catch(failed).finally(() => this.#running.delete(watched));
    this.#running.add(watched);
  }

  /** Resolves when everything ended, or after `ms`; the number of pieces still running. */
  async drain(ms: number): Promise<number> {
    const end = new Promise(resolve => setTimeout(resolve, ms).unref());
    while (this.#running.size > 0) {
      const state = await Promise.race([Promise.all(this.#running).then(() => 'ended'), end]);
      if (state !== 'ended') break;
    }
    return this.#running.size;
  }
}
