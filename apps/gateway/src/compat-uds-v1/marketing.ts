import { Refusal } from '#canonical';
import type { Program } from '#canonical';
import { read } from '#outbound';
import type { OpenConnection } from '#outbound';
import type { Core } from '../core.js';
import { numberOf } from './numbers.js';
import type { V1MarketingSettings } from './shapes.js';
import { termsOf } from './till.js';
import type { Till } from './till.js';

const NO_LIMIT = '100';
/** Maximum wait for the company's rules in answers about existing purchases, in milliseconds. */
const BRIEFLY_MS = 1_000;

/** The company's rules. A purchase reads them in the same way, so that the answer is shared. */
export const programOf = (core: Core, till: Till, connection: OpenConnection): Promise<Program> =>
  read(core, connection, 'getProgram', {}, termsOf(till));

/** The same where it is optional: a purchase is answered without it as well. */
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
    // 0 would forbid points; an unknown limit is enforced by the provider.
    maxScoresDiscount: numberOf(baseTier?.maxRedeemPercent ?? NO_LIMIT),
  };
}
