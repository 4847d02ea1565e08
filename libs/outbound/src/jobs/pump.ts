import type { DueOperation } from '#persistence';
import type { Core } from '../core/core.js';
import { execute } from '../run/execute.js';
import type { Timing } from '../calls/exchange.js';

/** How long one run of a pump lasts, in milliseconds; then it queues again, so that lanes spread over processes. */
const TURN_MS = 30_000;
/** Operations that wait for the lane at once: enough to keep it full, few enough for a later interactive one to overtake the rest. */
const IN_LINE = 10;
/** Operations in flight at once; a provider that takes 8 s for each of 5 a second needs so many. */
const ON_THE_WAY = 64;
/** A larger backlog is paced like bulk, so that tills never wait behind it. */
const FEW = 4;
const LANE_BUDGET_MS = 4_000;
/** The pump waits for what is due this soon, in milliseconds; the sweep wakes the lane for all else. */
const NEAR_MS = 2_000;
/** Pause for an operation that threw before it could be tried, in milliseconds. */
const LATER_MS = 5_000;

/** Runs the due queued operations of one lane, several at a time, urgent ones first, until none is left, the lane is paused, or its time is up and it asks for another run. */
export async function pump(core: Core, lane: string, stop: AbortSignal): Promise<void> {
  await new Pump(core, lane, stop).run();
}

/** Whether one operation stands in the lane's line now; `count` hears of each change. */
class PlaceInLine {
  #taken = false;

  constructor(readonly count: (by: 1 | -1) => void) {
    this.take();
  }

  take(): void {
    if (!this.#taken) this.count(1);
    this.#taken = true;
  }

  leave(): void {
    if (this.#taken) this.count(-1);
    this.#taken = false;
  }
}

/** One run of one lane's pump. */
class Pump {
  readonly #running = new Map<string, Promise<void>>();
  #inLine = 0;
  /** Ends `#untilMoved`. */
  #moved: () => void = () => undefined;

  constructor(
    readonly core: Core,
    readonly lane: string,
    readonly stop: AbortSignal,
  ) {}

  async run(): Promise<void> {
    const end = performance.now() + TURN_MS;
    const goesOn = () => performance.now() < end && !this.stop.aborted;
    try {
      while (goesOn()) {
        if (this.#inLine > IN_LINE / 2 || this.#running.size >= ON_THE_WAY) await this.#untilMoved();
        else if (!(await this.#fill())) return;
      }
      // While this turn still is: the queue keeps the wish, and the next turn begins when this one has ended.
      await this.core.jobs.ensurePump(this.lane);
    } finally {
      await Promise.all(this.#running.values());
    }
  }

  /** Takes the next operations in; false = the lane has nothing to do before long. */
  async #fill(): Promise<boolean> {
    const closedForMs = await this.#closedForMs();
    if (closedForMs > 0) return this.#sleepIfNear(closedForMs);
    const { backlog } = this.core.stores;
    const { direct } = this.core.database;
    const room = Math.max(0, IN_LINE - this.#inLine);
    const due = await backlog.next(direct, this.lane, room, [...this.#running.keys()]);
    const long = this.#inLine + due.length > FEW;
    for (const operation of due) this.#start(operation, long);
    if (due.length > 0) return true;
    if (this.#running.size > 0) return this.#untilMoved(NEAR_MS);
    const wakeMs = await backlog.nextWakeMs(direct, this.lane);
    return wakeMs !== undefined && this.#sleepIfNear(wakeMs);
  }

  /** How long nothing may be sent: the provider paused the lane, or does not answer. */
  async #closedForMs(): Promise<number> {
    // Only `pausedMs` is read, for which any limit will do.
    const [use] = await this.core.lanes.use([{ fingerprint: this.lane, requests: 1, perMs: 1 }]);
    return Math.max(use?.pausedMs ?? 0, this.core.breakers.of(this.lane).openForMs());
  }

  #start({ id, laneClass }: DueOperation, long: boolean): void {
    const place = new PlaceInLine(by => {
      this.#inLine += by;
      this.#moved();
    });
    // After an answer it may come back for its next request: were that not counted, more would be begun than can end.
    const timing: Timing = { entered: () => place.leave(), add: part => part === 'provider' && place.take() };
    const how = {
      laneBudgetMs: LANE_BUDGET_MS,
      budgetPerStep: true,
      laneClass: laneClass === 'bulk' || long ? ('bulk' as const) : ('write' as const),
      timing,
    };
    const done = execute(this.core, id, how)
      .catch(error => this.#putOff(id, error))
      .finally(() => {
        this.#running.delete(id);
        place.leave();
      });
    this.#running.set(id, done);
  }

  /** An operation that cannot be tried must not be tried again and again. */
  async #putOff(id: string, error: unknown): Promise<void> {
    const { core } = this;
    const facts = { operationId: id, error: String(error) };
    core.log('error', 'an operation could not be run and will be tried again', facts);
    const at = new Date(core.now().getTime() + LATER_MS);
    await core.stores.wakes.at(core.database.direct, id, at).catch(() => undefined);
  }

  /** Waits until an operation got its start or ended, or for `mostMs`. */
  async #untilMoved(mostMs = LANE_BUDGET_MS): Promise<true> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, mostMs);
      this.#moved = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return true;
  }

  /** Waits for what is near; false = it is far, and nothing was waited for. */
  async #sleepIfNear(ms: number): Promise<boolean> {
    if (ms > NEAR_MS) return false;
    await new Promise<void>(resolve => {
      const wake = () => {
        clearTimeout(timer);
        this.stop.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(1, Math.ceil(ms)));
      this.stop.addEventListener('abort', wake);
    });
    return true;
  }
}
