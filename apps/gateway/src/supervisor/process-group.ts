/** Something that runs until it is stopped. */
export interface Member {
  /** Fulfilled with a sentence when it ends without having been stopped. */
  ended: Promise<string>;
  stop(): Promise<void>;
  /** Ends it at once; absent where only a stop in good order is allowed, as for the database. */
  kill?(): void;
}

/** Everything that runs, in the order in which it was started. */
export class ProcessGroup {
  /** Fulfilled with a sentence when the first member ends without having been stopped. */
  readonly ended: Promise<string>;
  readonly #members: Member[] = [];
  #tell!: (sentence: string) => void;

  constructor() {
    this.ended = new Promise(resolve => (this.#tell = resolve));
  }

  /** Takes a member in. */
  add(member: Member): void {
    this.#members.push(member);
    void member.ended.then(this.#tell);
  }

  /** Stops one after the other, the last one started first. */
  async stop(): Promise<void> {
    for (const member of this.#members.toReversed()) await member.stop();
  }

  /** Ends at once whatever may be ended so; a stop that is under way then finishes by itself. */
  kill(): void {
    for (const member of this.#members) member.kill?.();
  }
}
