import { IsChoice, IsIdOf, IsMoment, IsText, IsWhole } from './fields.js';

/** An end user is to be asked for consent. */
export class ConsentSessionCreate {
  @IsIdOf('cus', { description: 'Who is asked.' })
  customerId!: string;

  @IsText({ optional: true, description: 'What for, in the provider’s words.', example: 'referral' })
  scope?: string;
}

/** pending until the popup has answered. */
export const consentStatuses = ['pending', 'completed'] as const;
/** One of `consentStatuses`. */
export type ConsentStatus = (typeof consentStatuses)[number];

/** One question to an end user; good for 10 minutes and one answer. */
export class ConsentSession {
  @IsIdOf('csn')
  id!: string;

  @IsText({
    max: 4096,
    description: 'To be opened in a popup.',
    example: 'https://app.recca.ru/oauth/authorize?popup=1',
  })
  authorizeUrl!: string;

  @IsText({
    description:
      'The gateway’s own page that asks, below the gateway’s address: a link for the end user and nobody else, since whoever has it can answer.',
    example: '/consent/csn_01h455vb4pex5vsknk084sn02q#b7Yk3v0Qm2bq8m1T5w9Zxg',
  })
  pageUrl!: string;

  @IsText({ description: 'Comes back with the answer; compare it.', example: 'b7Yk3v0Qm2bq8m1T5w9Zxg' })
  state!: string;

  @IsMoment()
  expiresAt!: string;

  @IsChoice(consentStatuses, { name: 'ConsentStatus', example: 'pending' })
  status!: ConsentStatus;

  @IsIdOf('opr', { optional: true })
  operationId?: string;
}

/** What the popup posted to its opener, after `event.origin` was checked. */
export class ConsentComplete {
  @IsText({
    max: 8192,
    description: 'The end user’s token; stored sealed.',
    example: 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln',
  })
  token!: string;

  @IsText({ example: 'usr_17' })
  userId!: string;

  @IsWhole({ min: 0, description: 'Milliseconds since 1970, as the popup says it.', example: 1795255200000 })
  expiresAt!: number;

  @IsText({ example: 'b7Yk3v0Qm2bq8m1T5w9Zxg' })
  state!: string;
}
