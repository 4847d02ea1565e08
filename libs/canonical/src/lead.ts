import { IsChoice, IsE164, IsEmailAddress, IsIdOf, IsText } from './fields.js';
import { IsPart, IsTextMap } from './parts.js';
import { leadStatuses, type LeadStatus } from './states.js';

/** Whom to call back. */
export class LeadContact {
  @IsText({ example: 'Pavel Ivanov' })
  name!: string;

  @IsEmailAddress({ optional: true, example: 'pavel@example.com' })
  email?: string;

  @IsE164({ optional: true })
  phone?: string;
}

/** A recommended person, to be handed to the provider. */
export class LeadCreate {
  @IsIdOf('cus', { description: 'Who recommends.' })
  referrerCustomerId!: string;

  @IsPart(() => LeadContact)
  contact!: LeadContact;

  @IsText({ optional: true, example: 'off_42', description: 'The offer’s id at the provider.' })
  offerId?: string;

  @IsTextMap({ optional: true, example: { source: 'till' } })
  metadata?: Record<string, string>;
}

/** A recommended person and what became of them. */
export class Lead {
  @IsText({ example: 'led_01h455vb4pex5vsknk084sn02q', description: 'Ours.' })
  id!: string;

  @IsText({ optional: true, example: 'lead_771', description: 'Its id at the provider.' })
  providerRef?: string;

  @IsChoice(leadStatuses, { name: 'LeadStatus', example: 'new' })
  status!: LeadStatus;

  @IsText({ optional: true, min: 0, example: 'new', description: 'The provider’s own word.' })
  providerStatus?: string;

  @IsText({ optional: true, min: 0, example: 'Pavel I.' })
  contactName?: string;

  @IsText({
    optional: true,
    min: 0,
    example: '2 days ago',
    description: 'The provider’s words for a time that is no date.',
  })
  relativeTime?: string;

  @IsIdOf('opr', { optional: true })
  operationId?: string;
}
