import { noFieldFor } from '#canonical';
import type { Warning } from '#canonical';

/** The warning that UDS has no field for the point of sale, where the till named one. */
export const notTransmitted = ({ locationId }: { locationId?: string }): Warning[] =>
  noFieldFor('UDS', { '/locationId': locationId });
