import { IsText } from '#canonical';

/** The credentials of a tenant at Recca's federation API. */
export class ReccaCredentials {
  @IsText({
    description: 'The tenant key of the federation API (`rtk_live_…`).',
    example: 'rtk_live_demo',
    pattern: /^[!-~]+$/,
  })
  tenantKey!: string;
}
