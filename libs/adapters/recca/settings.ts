import { IsText } from '#canonical';

/** The settings of a Recca connection: its tenant. */
export class ReccaSettings {
  @IsText({ description: "The tenant's slug.", example: 'agp', pattern: /^[A-Za-z0-9._~-]+$/, max: 64 })
  tenant!: string;

  @IsText({
    description:
      "An origin of the tenant's whitelist (`allowed_origins`); without it the embed API answers 403.",
    example: 'https://partner-site.example.com',
    pattern: /^https?:\/\/[^/\s?#@]+$/,
  })
  origin!: string;

  @IsText({
    description: 'Whom the consent popup names; the tenant unless said.',
    example: 'agp',
    pattern: /^[A-Za-z0-9._~-]+$/,
    max: 64,
    optional: true,
  })
  clientId?: string;
}
