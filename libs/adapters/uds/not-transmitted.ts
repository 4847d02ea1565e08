import type { Warning } from '#canonical';

/** The warning that UDS has no field for the point of sale, where the till named one. */
export const notTransmitted = ({ locationId }: { locationId?: string }): Warning[] =>
  locationId === undefined
    ? []
    : [
        {
          code: 'not-transmitted',
          detail: 'UDS has no field for this; only the gateway stores it.',
          pointer: '/locationId',
        },
      ];
