import { IsChoice, IsE164, IsEmailAddress, IsIdOf, IsText } from './fields.js';
import { IsPart, IsTextMap } from './parts.js';
import { leadStatuses, type LeadStatus } from './states.js';

/** Contact details of the referred person. */
export class LeadContact {
  @IsText({ example: 'Pavel Ivanov' })
  name!: string;

  @IsEmailAddress({ optional: true, example: 'pavel@example.com' })
  email?: string;

  @IsE164({ optional: true })
  phone?: string;
}

/** The input for submitting a referred person to the provider. */
export class LeadCreate {
  @IsIdOf('cus', { description: 'The referring customer.' })
  referrerCustomerId!: string;

  @IsPart(() => LeadContact)
  contact!: LeadContact;

  @IsText({ optional: true, example: 'off_42', description: 'The offer’s id at the provider.' })
  offerId?: string;

  @IsTextMap({ optional: true, example: { source: 'till' } })
  metadata?: Record<string, string>;
}

/** A referred person and the status of the referral. */
export class Lead {
  @IsText({ example: 'led_01h455vb4pex5vsknk084sn02q', description: 'The gateway’s id.' })
  id!: string;

  @IsText({ optional: true, example: 'lead_771', description: 'The id at the provider.' })
  providerRef?: string;

  @IsChoice(leadStatuses, {
    name: 'LeadStatus',
    description: '`other` = a word of the provider that the gateway does not know.',
    example: 'new',
  })
  status!: LeadStatus;

  @IsText({ optional: true, min: 0, example: 'new', description: 'The provider’s own status.' })
  providerStatus?: string;

  @IsText({ optional: true, min: 0, example: 'Pavel I.' })
  contactName?: string;

  @IsText({
    optional: true,
    min: 0,
    example: '2 days ago',
    description: 'The provider’s text, where it gives a relative time instead of a date.',
  })
  relativeTime?: string;

  @IsIdOf('opr', { optional: true })
  operationId?: string;
}
