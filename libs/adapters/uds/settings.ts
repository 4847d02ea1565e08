import { IsFlag, IsText } from '#canonical';

/** How one connection uses UDS. */
export class UdsSettings {
  @IsText({
    optional: true,
    description: 'Currency to use if the company’s own settings have none; RUB by default.',
    example: 'RUB',
    pattern: /^[A-Z]{3}$/,
  })
  currency?: string;

  @IsFlag({
    optional: true,
    default: false,
    description:
      'The gateway keeps holds itself. UDS does not know of them, so other tills can still spend the points.',
  })
  advisoryHolds?: boolean;

  @IsFlag({
    optional: true,
    default: true,
    description:
      'Use calls that are not in the UDS document of 2020 (lists, reading an operation, calc, `nonce`). If off, a purchase whose answer is lost ends in `needs-review`.',
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
      : `This connection’s setting \`undocumentedCalls\` is off, and ${needed} is not in the UDS document of 2020.`;
