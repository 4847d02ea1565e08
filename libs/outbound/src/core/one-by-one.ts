/** Runs work of this process that has a name in common one after the other. */
export class OneByOne {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs the work once all before it under this name has ended, however that ended. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name);
    const mine = before ? before.then(work, work) : work();
    this.#last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(name) === mine) this.#last.delete(name);
    }
  }
}
