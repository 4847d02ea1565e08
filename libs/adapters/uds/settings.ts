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

/** Currency of a company that names none, at a connection that names none. */
export const USUAL_CURRENCY = 'RUB';

/** Says whether this connection may use calls that the old document does not name. */
export const mayUseUndocumented = (settings: UdsSettings): boolean => settings.undocumentedCalls !== false;

/** The reason why a capability made of such calls is off, for `unless`. */
export const unlessDocumentedOnly =
  (needed: string) =>
  (settings: UdsSettings): string | undefined =>
    mayUseUndocumented(settings)
      ? undefined
      : `This connection’s setting \`undocumentedCalls\` is off, and ${needed} is not in the document that it keeps to.`;
