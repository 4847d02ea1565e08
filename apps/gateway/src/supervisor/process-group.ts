/** A process that runs until it is stopped. */
export interface Member {
  /** Fulfilled with a message if it ends without being stopped. */
  ended: Promise<string>;
  stop(): Promise<void>;
  /** Kills it; absent where only a clean shutdown is allowed, as for the database. */
  kill?(): void;
}

/** The running processes, in start order. */
export class ProcessGroup {
  /** Fulfilled with a message when the first member ends without being stopped. */
  readonly ended: Promise<string>;
  readonly #members: Member[] = [];
  #tell!: (sentence: string) => void;

  constructor() {
    this.ended = new Promise(resolve => (this.#tell = resolve));
  }

  /** Adds a running process. */
  add(member: Member): void {
    this.#members.push(member);
    void member.ended.then(this.#tell);
  }

  /** Stops them one by one, the last started first. */
  async stop(): Promise<void> {
    for (const member of this.#members.toReversed()) await member.stop();
  }

  /** Kills those that may be killed; a running `stop` then ends by itself. */
  kill(): void {
    for (const member of this.#members) member.kill?.();
  }
}
