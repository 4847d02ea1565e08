import { IsChoice, IsIdOf, IsMoment, IsText, IsWhole } from './fields.js';

/** The input for asking an end user for consent. */
export class ConsentSessionCreate {
  @IsIdOf('cus', { description: 'The customer to ask.' })
  customerId!: string;

  @IsText({
    optional: true,
    description: 'The scope of the consent, in the provider’s terms.',
    example: 'referral',
  })
  scope?: string;
}

/** pending until the popup has answered. */
export const consentStatuses = ['pending', 'completed'] as const;
/** One of `consentStatuses`. */
export type ConsentStatus = (typeof consentStatuses)[number];

/** A request for an end user's consent; valid for 10 minutes and one answer. */
export class ConsentSession {
  @IsIdOf('csn')
  id!: string;

  @IsText({
    max: 4096,
    description: 'The address to open in a popup.',
    example: 'https://app.recca.ru/oauth/authorize?popup=1',
  })
  authorizeUrl!: string;

  @IsText({
    description:
      'The path of the gateway’s own consent page. Give this link only to the end user: anyone who has it can answer.',
    example: '/consent/csn_01h455vb4pex5vsknk084sn02q#b7Yk3v0Qm2bq8m1T5w9Zxg',
  })
  pageUrl!: string;

  @IsText({ description: 'Returned with the answer; compare the two.', example: 'b7Yk3v0Qm2bq8m1T5w9Zxg' })
  state!: string;

  @IsMoment()
  expiresAt!: string;

  @IsChoice(consentStatuses, { name: 'ConsentStatus', example: 'pending' })
  status!: ConsentStatus;

  @IsIdOf('opr', { optional: true })
  operationId?: string;
}

/** The message that the popup posted to its opener, after `event.origin` was checked. */
export class ConsentComplete {
  @IsText({
    max: 8192,
    description: 'The end user’s token; stored encrypted.',
    example: 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln',
  })
  token!: string;

  @IsText({ example: 'usr_17' })
  userId!: string;

  @IsWhole({ min: 0, description: 'Milliseconds since 1970, as given by the popup.', example: 1795255200000 })
  expiresAt!: number;

  @IsText({ example: 'b7Yk3v0Qm2bq8m1T5w9Zxg' })
  state!: string;
}
