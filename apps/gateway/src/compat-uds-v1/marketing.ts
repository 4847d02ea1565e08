import { Refusal } from '#canonical';
import type { Program } from '#canonical';
import { read } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { Core } from '../core.js';
import { numberOf } from './numbers.js';
import type { V1MarketingSettings } from './shapes.js';
import type { Till } from './till.js';

const NO_LIMIT = '100';
/** Answers about what stands already do not wait for the company's rules, in milliseconds. */
const BRIEFLY_MS = 1_000;

/** The company's rules. A purchase asks for the same ones, so that for the provider it is one question. */
export const programOf = (
  core: Core,
  { waitMs, timing, audience: told }: Till,
  connection: OpenConnection,
): Promise<Program> => read(core, connection, 'getProgram', {}, { waitMs, timing, language: told.language });

/** The same where it only decorates: what was booked is told without it as well. */
export async function programIfAny(core: Core, till: Till, connection: OpenConnection): Promise<Program> {
  try {
    return await programOf(core, { ...till, waitMs: Math.min(till.waitMs, BRIEFLY_MS) }, connection);
  } catch (error) {
    if (error instanceof Refusal) return {};
    throw error;
  }
}

/** `marketingSettings`: percent, never null. */
export function marketingOf({ baseTier, referralRates = [] }: Program): V1MarketingSettings {
  const [first, second, third] = referralRates;
  return {
    discountBase: numberOf(baseTier?.rate),
    discountLevel1: numberOf(first),
    discountLevel2: numberOf(second),
    discountLevel3: numberOf(third),
    // 0 would forbid points: a limit that nobody tells beforehand is told when it is passed.
    maxScoresDiscount: numberOf(baseTier?.maxRedeemPercent ?? NO_LIMIT),
  };
}
