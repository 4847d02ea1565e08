import { IsText } from '#canonical';

/** What proves to UDS that a company asks: one key per company, for all its tills. */
export class UdsCredentials {
  // The colon separates the two halves of a Basic credential, so it cannot stand in the first.
  @IsText({
    description: 'The company id from the Integration page of UDS.',
    example: '549755813888',
    pattern: /^[^:]+$/,
  })
  companyId!: string;

  @IsText({ description: 'The API key from the same page.', example: 'ZGVtby1rZXktb2YtdWRz', max: 512 })
  apiKey!: string;
}
