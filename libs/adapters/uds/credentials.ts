import { IsText } from '#canonical';

/** The credentials of a company at UDS: one key for all its tills. */
export class UdsCredentials {
  // A colon separates the two halves of a Basic credential, so the first half must not contain one.
  @IsText({
    description: 'The company id from the Integration page in UDS.',
    example: '549755813888',
    pattern: /^[^:]+$/,
  })
  companyId!: string;

  @IsText({ description: 'The API key from the same page.', example: 'ZGVtby1rZXktb2YtdWRz', max: 512 })
  apiKey!: string;
}
