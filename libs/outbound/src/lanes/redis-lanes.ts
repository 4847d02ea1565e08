import { Redis } from 'ioredis';
import { isReplica } from '../core/redis-replica.js';
import { beginScript, enterScript, lookScript, moveScript, pauseScript, useScript } from './enter.lua.js';
import { LaneGate } from './lane-gate.js';
import type { GivenStart, LaneLook, LaneReply, LaneStore } from './lane-store.js';
import type { Lane, LaneUse } from './lanes.js';
import { burstUs, scriptArguments, silenceMs, startsRemembered, type LaneTerms } from './lane-rules.js';

/** Where the lanes are kept in Redis. */
export interface RedisLanesOptions {
  /** `redis://` or `rediss://`; the limiter opens one connection of its own. */
  url: string;
  /** Put before every key, so that two installations can share a server. */
  prefix?: string;
  /** How long the store may take before nothing is sent, in milliseconds; 500 unless told. */
  timeoutMs?: number;
}

/** The lanes in Redis, the production store: one key of about 100 bytes per lane in use, gone seconds after it. */
export class RedisLanes extends LaneGate {
  constructor(options: RedisLanesOptions) {
    super(new RedisLaneStore(options), options.timeoutMs);
  }
}

interface Scripts {
  laneBegin(...keysAndArguments: (string | number)[]): Promise<number>;
  laneEnter(
    ...keysAndArguments: (string | number)[]
  ): Promise<[number, number, number, number, number, number, number]>;
  laneLook(...keysAndArguments: (string | number)[]): Promise<[number, number, number]>;
  laneMove(...keysAndArguments: (string | number)[]): Promise<number>;
  lanePause(...keysAndArguments: (string | number)[]): Promise<number>;
  laneUse(...countKeysAndArguments: (string | number)[]): Promise<number[]>;
}

// A script over more keys than this holds the server too long.
const READ_AT_ONCE = 500;

/** The store of `RedisLanes`. */
export class RedisLaneStore implements LaneStore {
  readonly atOnce = 32;
  readonly #redis: Redis & Scripts;
  readonly #prefix: string;
  #runId: Promise<string> | undefined;

  constructor({ url, prefix = '', timeoutMs }: RedisLanesOptions) {
    // A question that waited through a lost connection would be put to another server with the old one's run id.
    this.#redis = new Redis(url, {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 2_000,
      socketTimeout: silenceMs(timeoutMs),
      retryStrategy: attempt => Math.min(50 * attempt, 500),
      reconnectOnError: isReplica,
      scripts: {
        laneBegin: { numberOfKeys: 2, lua: beginScript },
        laneEnter: { numberOfKeys: 2, lua: enterScript },
        laneLook: { numberOfKeys: 2, lua: lookScript },
        laneMove: { numberOfKeys: 2, lua: moveScript },
        lanePause: { numberOfKeys: 2, lua: pauseScript },
        laneUse: { lua: useScript },
      },
    }) as Redis & Scripts;
    this.#prefix = prefix;
    // Every question reports a lost connection itself.
    this.#redis.on('error', () => undefined);
    this.#redis.on('close', () => (this.#runId = undefined));
  }

  async begin(): Promise<void> {
    // Any lane will do: only the epoch is written.
    const law = { fingerprint: 'none', requests: 1, perMs: 1 };
    await this.#redis.laneBegin(...(await this.#lead(law)));
  }

  async ask(fingerprint: string, terms: LaneTerms): Promise<LaneReply> {
    const runId = await this.#serverRunId();
    const sentAt = performance.now();
    const reply = await this.#redis.laneEnter(...this.#keys(fingerprint), runId, ...scriptArguments(terms));
    const [granted, waitUs, stamp, freeUs, backUs, used, at] = reply;
    return { granted: granted === 1, waitUs, stamp, freeUs, backUs, used, at, sentAt };
  }

  async look(lane: Lane, { stamp, givenAt, latest }: GivenStart): Promise<LaneLook> {
    const lead = await this.#lead(lane, burstUs(lane));
    const sentAt = performance.now();
    const [stands, waitUs, newStamp] = await this.#redis.laneLook(...lead, stamp, givenAt, latest);
    return { stands: stands === 1, waitUs, stamp: newStamp, sentAt };
  }

  async move(lane: Lane, from: number, to: number): Promise<void> {
    await this.#redis.laneMove(...(await this.#lead(lane)), from, to);
  }

  async pause(lane: Lane, ms: number): Promise<void> {
    await this.#redis.lanePause(...(await this.#lead(lane)), ms * 1_000);
  }

  async use(lanes: Lane[]): Promise<LaneUse[]> {
    const uses: LaneUse[] = [];
    for (let from = 0; from < lanes.length; from += READ_AT_ONCE) {
      const part = lanes.slice(from, from + READ_AT_ONCE);
      await this.#serverRunId();
      const keys = part.map(lane => this.#key(lane.fingerprint));
      const figures = await this.#redis.laneUse(
        keys.length,
        ...keys,
        ...part.map(lane => lane.perMs * 1_000),
      );
      for (const [i, { fingerprint }] of part.entries()) {
        const [slotsUsed = 0, holdUs = 0, people] = figures.slice(3 * i, 3 * i + 3);
        uses.push({ fingerprint, slotsUsed, pausedMs: Math.ceil(holdUs / 1_000), people: people === 1 });
      }
    }
    return uses;
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }

  async #lead(lane: Lane, perUs = lane.perMs * 1_000): Promise<(string | number)[]> {
    return [...this.#keys(lane.fingerprint), await this.#serverRunId(), startsRemembered(lane), perUs];
  }

  #keys(fingerprint: string): [string, string] {
    return [this.#key(fingerprint), `${this.#prefix}{lane}-epoch`];
  }

  // One hash tag for all: a script may touch only the keys of one slot of a Redis Cluster.
  #key(fingerprint: string): string {
    return `${this.#prefix}{lane}:${fingerprint}`;
  }

  // The run id changes with every start of the server and with every failover; a snapshot does not bring it back.
  #serverRunId(): Promise<string> {
    this.#runId ??= this.#readRunId().catch((error: unknown) => {
      this.#runId = undefined;
      throw error;
    });
    return this.#runId;
  }

  async #readRunId(): Promise<string> {
    if (this.#redis.status !== 'ready') await this.#ready();
    const runId = /run_id:(\w+)/.exec(await this.#redis.info('server'))?.[1];
    if (!runId) throw new Error('The server does not tell its run id.');
    return runId;
  }

  #ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => {
        this.#redis.off('ready', open).off('close', lost).off('end', lost);
        if (error) reject(error);
        else resolve();
      };
      const open = () => settle();
      const lost = () => settle(new Error('Redis is not connected.'));
      this.#redis.on('ready', open).on('close', lost).on('end', lost);
    });
  }
}
