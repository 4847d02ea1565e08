import { IsText } from '#canonical';

/** The settings of a Recca connection: its tenant. */
export class ReccaSettings {
  @IsText({ description: "The tenant's slug.", example: 'agp', pattern: /^[A-Za-z0-9._~-]+$/, max: 64 })
  tenant!: string;

  @IsText({
    description:
      'One of the origins that the tenant allows (`allowed_origins`); the embed API answers any other with 403.',
    example: 'https://partner-site.example.com',
    // The usual slip of a copied address, a slash at its end, does not matter.
    pattern: /^https?:\/\/[^/\s?#@]+\/?$/,
    expected: 'a scheme and a host without a path, like https://partner-site.example.com',
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
