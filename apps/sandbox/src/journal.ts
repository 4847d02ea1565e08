import type { Effect } from '#adapter-kit/testing';

/** One request as the provider saw it, and what it really did: the oracle of every test about effects. */
export interface JournalEntry {
  /** Order of arrival, from 1; never reused. */
  seq: number;
  /** Arrival in the simulators' clock. */
  at: string;
  /** Arrival in real milliseconds since 1970, with fractions: for looking at rates. */
  startedMs: number;
  provider: string;
  method: string;
  /** Relative to the connection's base URL. */
  path: string;
  /** With every credential replaced by `***`. */
  query: string;
  /** Absent while the call is open, and if it was never answered. */
  status?: number;
  /** What changed in the ledger; absent when nothing did. */
  effect?: Effect;
  /** The fault that was injected. */
  fault?: string;
  /** The effect of an earlier call, carried out after its answer. */
  late?: true;
  /** The request's body as it came, cut after 4,096 characters. */
  body?: string;
}

/** Which entries are wanted. */
export interface JournalQuery {
  provider?: string;
  /** Only entries with an effect. */
  effects?: boolean;
  /** Only entries after this `seq`. */
  since?: number;
}

const MOST = 200_000;

/** The log of all calls, in order of arrival; keeps the newest 200,000. */
export class Journal {
  #entries: JournalEntry[] = [];
  #seq = 0;

  /** `most` is for tests of the bound. */
  constructor(private readonly most = MOST) {}

  /** Opens an entry; status, effect and fault are written into it as they become known. */
  open(entry: Omit<JournalEntry, 'seq'>): JournalEntry {
    const opened = { ...entry, seq: ++this.#seq };
    this.#entries.push(opened);
    // Cut in slices: taking one off the front of a long array at every call would cost more than the call.
    if (this.#entries.length > this.most * 1.05) this.#entries.splice(0, this.#entries.length - this.most);
    return opened;
  }

  list({ provider, effects, since = 0 }: JournalQuery): JournalEntry[] {
    return this.#entries
      .slice(-this.most)
      .filter(entry => entry.seq > since)
      .filter(entry => provider === undefined || entry.provider === provider)
      .filter(entry => !effects || entry.effect !== undefined);
  }

  clear(provider?: string): void {
    this.#entries = provider ? this.#entries.filter(entry => entry.provider !== provider) : [];
  }
}
