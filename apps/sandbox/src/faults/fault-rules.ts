import type { FaultName, FaultParams } from './fault-names.js';
import { faultNames } from './fault-names.js';

/** Which calls are broken, how, and how often. */
export interface FaultRule {
  fault: FaultName;
  provider?: string;
  method?: string;
  /** A regular expression over the path relative to the base URL. */
  pathPattern?: string;
  /** The number of calls after which the rule is used up; absent = it stays until it is deleted. */
  count?: number;
  /** Chance per matching call, 0 to 1; absent = always. */
  probability?: number;
  /** Makes the random choices repeatable; absent = the sandbox's seed. */
  seed?: number;
  params?: FaultParams;
}

const MEMBERS: Record<keyof FaultRule, true> = {
  fault: true,
  provider: true,
  method: true,
  pathPattern: true,
  count: true,
  probability: true,
  seed: true,
  params: true,
};

/** A rule in force. */
export interface StandingRule extends FaultRule {
  id: number;
  /** How often the fault was injected. */
  played: number;
}

interface Armed extends StandingRule {
  matches: RegExp;
  random: () => number;
}

/** The fault chosen for a call, with its parameters and the rule's random number generator. */
export interface DrawnFault {
  fault: FaultName;
  params: FaultParams;
  random: () => number;
}

/** What a rule is matched against. */
export interface FaultedCall {
  provider: string;
  method: string;
  path: string;
  /** The connection carried a call before. */
  reused: boolean;
}

/** The rules in force; the first matching one applies. A rule with a count is removed from play once it is used up. */
export class FaultRules {
  #rules: Armed[] = [];
  #ids = 0;

  constructor(public seed = 1) {}

  /** Adds a rule; throws a `TypeError` that explains what is wrong with it. */
  add(rule: FaultRule): StandingRule {
    const fault = faultNames.find(name => name === rule.fault);
    if (!fault) throw new TypeError(`unknown fault "${rule.fault}"; there are: ${faultNames.join(', ')}`);
    // Ignored, it would leave a rule that strikes other calls than were meant.
    const unknown = Object.keys(rule).filter(name => !(name in MEMBERS));
    if (unknown.length > 0)
      throw new TypeError(
        `a rule has no "${unknown.join('", "')}"; it may have: ${Object.keys(MEMBERS).join(', ')}`,
      );
    if (fault === 'refused' && (rule.provider ?? rule.method ?? rule.pathPattern) !== undefined)
      throw new TypeError(
        '"refused" strikes before anything is read, so it cannot choose by provider, method or path',
      );
    // A standing "refused" would lock out the request that deletes it.
    const count = rule.count ?? (fault === 'refused' ? 1 : undefined);
    const id = ++this.#ids;
    const random = randomFrom((rule.seed ?? this.seed) + (rule.seed === undefined ? id : 0));
    const armed = { ...rule, count, id, played: 0, matches: new RegExp(rule.pathPattern ?? ''), random };
    this.#rules.push(armed);
    return shown(armed);
  }

  list(): StandingRule[] {
    return this.#rules.map(shown);
  }

  /** Removes the rule of that id, the rules of that provider, or all. */
  remove({ id, provider }: { id?: number; provider?: string } = {}): void {
    this.#rules = this.#rules.filter(rule => {
      if (id !== undefined) return rule.id !== id;
      return provider !== undefined && rule.provider !== provider;
    });
  }

  /** The fault for this call, if one is due. */
  draw(call: FaultedCall): DrawnFault | undefined {
    return this.#draw(
      rule =>
        rule.fault !== 'refused' &&
        (rule.fault !== 'keepalive-close' || call.reused) &&
        (rule.provider ?? call.provider) === call.provider &&
        (rule.method ?? call.method).toUpperCase() === call.method &&
        rule.matches.test(call.path),
    );
  }

  /** Whether this new connection is to be refused. */
  drawRefused(): boolean {
    return this.#draw(rule => rule.fault === 'refused') !== undefined;
  }

  #draw(fits: (rule: Armed) => boolean): DrawnFault | undefined {
    for (const rule of this.#rules) {
      if (rule.count === rule.played || !fits(rule)) continue;
      if (rule.probability !== undefined && rule.random() >= rule.probability) continue;
      rule.played += 1;
      return { fault: rule.fault, params: rule.params ?? {}, random: rule.random };
    }
    return undefined;
  }
}

const shown = ({ matches: _, random: __, ...rule }: Armed): StandingRule => rule;

/** Repeatable random numbers in [0, 1) from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
