import { ApiProperty, ApiExtraModels, getSchemaPath } from '@nestjs/swagger';
import { Check, IsChoice, IsFlag, IsText, IsWhole } from './fields.js';
import { IsFree, IsPart } from './parts.js';
import { part } from './rules.js';
import { retryClassField, retryClasses, type RetryClass } from './states.js';

/** Whether and how a provider supports an operation, or why not. */
export class Capability {
  @IsFlag({ example: true })
  supported!: boolean;

  @IsText({ optional: true, max: 1000, description: 'Why it is not supported, and what to do instead.' })
  reason?: string;

  @IsChoice(retryClasses, { ...retryClassField, optional: true, example: 'keyed' })
  retryClass?: RetryClass;

  @IsFree({
    optional: true,
    description: 'Limits and variants of this capability.',
    example: { by: ['code', 'phone', 'uid'] },
  })
  traits?: Record<string, unknown>;
}

/** A provider's rate limit. */
export class RateLimit {
  @IsWhole({ min: 1, description: 'Requests allowed in any window.', example: 5 })
  requests!: number;

  @IsWhole({ min: 1, description: 'Length of the sliding window in milliseconds.', example: 1000 })
  perMs!: number;
}

/** A loyalty or referral provider that the gateway supports. */
@ApiExtraModels(Capability)
export class Provider {
  @IsText({ example: 'uds' })
  name!: string;

  @IsText({ example: 'UDS' })
  title!: string;

  @IsText({ optional: true, max: 2048, example: 'https://docs.uds.app' })
  source?: string;

  @IsText({
    optional: true,
    max: 2048,
    description: 'Absent for providers where each merchant has its own address.',
  })
  baseUrl?: string;

  @IsPart(() => RateLimit, { optional: true, description: 'Per credential.' })
  rateLimit?: RateLimit;

  @IsFree({ optional: true, description: 'JSON Schema of a connection’s `credentials`.' })
  credentials?: Record<string, unknown>;

  @IsFree({ optional: true, description: 'JSON Schema of a connection’s `settings`.' })
  settings?: Record<string, unknown>;

  @CapabilityMap()
  capabilities!: Record<string, Capability>;
}

/** Capabilities by name (`purchase.create`). */
export function CapabilityMap(): PropertyDecorator {
  return (target, property) => {
    ApiProperty({
      description: 'By name; every provider has an entry for every capability.',
      type: 'object',
      additionalProperties: { $ref: getSchemaPath(Capability) },
      example: { 'purchase.create': { supported: true, retryClass: 'keyed' } },
    })(target, property);
    Check('capabilities', part)(target, property);
  };
}
