import { IsText } from '#canonical';

/** The settings of a Recca connection: its tenant. */
export class ReccaSettings {
  @IsText({ description: "The tenant's slug.", example: 'agp', pattern: /^[A-Za-z0-9._~-]+$/, max: 64 })
  tenant!: string;

  @IsText({
    description:
      'One of the origins that the tenant allows (`allowed_origins`); the embed API answers any other with 403.',
    example: 'https://partner-site.example.com',
    pattern: /^https?:\/\/[^/\s?#@]+$/,
  })
  origin!: string;

  @IsText({
    description: 'The client that the consent popup names; the tenant by default.',
    example: 'agp',
    pattern: /^[A-Za-z0-9._~-]+$/,
    max: 64,
    optional: true,
  })
  clientId?: string;
}
