import { IsFlag, IsText } from '#canonical';

/** How one connection uses UDS. */
export class UdsSettings {
  @IsText({
    optional: true,
    description: 'Currency where the company’s own settings name none; RUB when absent.',
    example: 'RUB',
    pattern: /^[A-Z]{3}$/,
  })
  currency?: string;

  @IsFlag({
    optional: true,
    default: false,
    description:
      'The gateway keeps holds of its own: UDS knows nothing of them, other tills can still spend the points.',
  })
  advisoryHolds?: boolean;

  @IsFlag({
    optional: true,
    default: true,
    description:
      'Use calls that the provider document of 2020 does not name (lists, reading an operation, calc, `nonce`). Off, a lost answer to a purchase ends in needs-review.',
  })
  undocumentedCalls?: boolean;
}

/** The currency if neither the company nor the connection has one. */
export const USUAL_CURRENCY = 'RUB';

/** Whether this connection may use calls that are not in the old documentation. */
export const mayUseUndocumented = (settings: UdsSettings): boolean => settings.undocumentedCalls !== false;

/** The reason why a capability based on such calls is disabled, for `unless`. */
export const unlessDocumentedOnly =
  (needed: string) =>
  (settings: UdsSettings): string | undefined =>
    mayUseUndocumented(settings)
      ? undefined
      : `This connection’s setting \`undocumentedCalls\` is off, and ${needed} is not in the document that it keeps to.`;
