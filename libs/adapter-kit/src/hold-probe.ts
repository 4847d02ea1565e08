import type { HeldPoints, ProviderRefs } from '#canonical';

/** The input for checking on a hold, in the provider's terms. */
export interface HoldProbeAsk {
  hold: HeldPoints;
  /** The customer whose points are held. */
  customer: ProviderRefs;
  locationId?: string;
}

/** `stands` = the points are still held; `gone` = the provider dropped the hold; `unclear` = the answers fit neither. */
export type HoldStanding = 'stands' | 'gone' | 'unclear';
