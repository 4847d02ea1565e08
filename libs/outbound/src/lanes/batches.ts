interface Waiting<Question, Answer> {
  question: Question;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** Limits of `Batches`. */
export interface BatchLimits {
  /** Batches under way at once. */
  atOnce: number;
  /** Questions in one batch. */
  size: number;
}

/** Puts questions to a store one by one while it keeps up, and several at a time once they have to wait: under load a batch costs little more than one question. A batch that fails rejects all its questions. */
export class Batches<Question, Answer> {
  readonly #waiting: Waiting<Question, Answer>[] = [];
  #running = 0;

  /** `run` answers its questions in their order. */
  constructor(
    private readonly limits: BatchLimits,
    private readonly run: (questions: Question[]) => Promise<Answer[]>,
  ) {}

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#running >= this.limits.atOnce || this.#waiting.length === 0) return;
    void this.#runBatch(this.#waiting.splice(0, this.limits.size));
  }

  async #runBatch(batch: Waiting<Question, Answer>[]): Promise<void> {
    this.#running++;
    try {
      const answers = await this.run(batch.map(({ question }) => question));
      batch.forEach(({ resolve }, i) => resolve(answers[i]!));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running--;
      this.#next();
    }
  }
}
