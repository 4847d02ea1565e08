import type { HeldPoints, ProviderRefs } from '#canonical';

/** A hold whose fate is asked for, in the provider's words. */
export interface HoldProbeAsk {
  hold: HeldPoints;
  /** Whose points they are. */
  customer: ProviderRefs;
  locationId?: string;
}

/** `stands` = it still keeps its points; `gone` = the provider dropped it; `unclear` = the answers fit neither. */
export type HoldStanding = 'stands' | 'gone' | 'unclear';
