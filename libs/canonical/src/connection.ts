import { ApiExtraModels } from '@nestjs/swagger';
import { IsChoice, IsIdOf, IsMoment, IsText, IsTexts, IsWebAddress, IsWhole } from './fields.js';
import { IsFree, IsPart } from './parts.js';
import { Capability, CapabilityMap } from './provider.js';
import { LaneView } from './lane.js';
import { connectionStates, type ConnectionState } from './states.js';

/** The form of a slug: 1 to 63 lower-case letters, digits and dashes. */
export const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A merchant's own limit, lower than the provider's. */
export class ConnectionRateLimit {
  @IsWhole({ min: 1, max: 1000, example: 5 })
  requestsPerSecond!: number;
}

/** The input for connecting a merchant's account at a provider. */
export class ConnectionCreate {
  @IsText({ max: 32, description: 'A name from `GET /v1/providers`.', example: 'uds' })
  provider!: string;

  @IsText({
    optional: true,
    max: 63,
    pattern: slugPattern,
    description: 'A name to use in `Gateway-Connection`.',
    example: 'uds-main',
  })
  slug?: string;

  @IsText({ optional: true, example: 'UDS, Nevsky 1' })
  name?: string;

  @IsWebAddress({
    optional: true,
    description:
      'Required for providers where each merchant has its own address: at PP the site root, at LoyalClient what comes before `/integration/general`. Given with the provider’s own path (`/api.html`, `/integration/general`), it is stored without it.',
  })
  baseUrl?: string;

  @IsFree({
    optional: true,
    description: 'Depends on the provider; see `GET /v1/providers/{provider}`.',
    example: {},
  })
  settings?: Record<string, unknown>;

  @IsFree({
    description: 'Depends on the provider; write-only, stored encrypted.',
    example: { companyId: '549755819292', apiKey: 'c2FuZGJveC1rZXk' },
  })
  credentials!: Record<string, unknown>;

  @IsPart(() => ConnectionRateLimit, { optional: true })
  rateLimit?: ConnectionRateLimit;
}

/** Changes to a connection. Credentials are included only if it moves to another host; otherwise they have their own call. */
export class ConnectionPatch {
  @IsText({ optional: true, max: 63, pattern: slugPattern, example: 'uds-main' })
  slug?: string;

  @IsText({ optional: true, example: 'UDS, Nevsky 1' })
  name?: string;

  @IsWebAddress({
    optional: true,
    description:
      'A different scheme, host or port requires its `credentials` in the same request, unless both are loopback addresses.',
  })
  baseUrl?: string;

  @IsFree({
    optional: true,
    description:
      'All credentials for the new address. Only allowed if `baseUrl` changes the scheme, host or port, since the stored credentials are never sent there. For the same address, use `POST /v1/connections/{id}/credentials`.',
  })
  credentials?: Record<string, unknown>;

  @IsFree({ optional: true, description: 'Replaces all settings.', example: {} })
  settings?: Record<string, unknown>;

  @IsPart(() => ConnectionRateLimit, { optional: true })
  rateLimit?: ConnectionRateLimit;
}

/** New credentials: checked first, then used; the old ones are destroyed. */
export class ConnectionCredentials {
  @IsFree({
    description: 'Depends on the provider.',
    example: { companyId: '549755819292', apiKey: 'bmV3LWtleQ' },
  })
  credentials!: Record<string, unknown>;
}

/** What the last harmless check proved, and what it could not. */
export class ConnectionCheck {
  @IsMoment()
  at!: string;

  @IsChoice(['passed', 'failed', 'inconclusive'], { example: 'passed' })
  result!: 'passed' | 'failed' | 'inconclusive';

  @IsTexts({ description: 'What the check proved.', example: ['The API key is valid.'] })
  proved!: string[];

  @IsTexts({ description: 'What cannot be proved with this provider.', example: [] })
  notProved!: string[];

  @IsText({ optional: true, max: 1000, description: 'Why the check failed.', multiline: true })
  detail?: string;
}

/** A merchant's account at a provider. Its credentials are write-only. */
@ApiExtraModels(Capability)
export class Connection {
  @IsIdOf('con')
  id!: string;

  @IsText({ example: 'uds' })
  provider!: string;

  @IsText({ optional: true, example: 'uds-main' })
  slug?: string;

  @IsText({ optional: true, example: 'UDS, Nevsky 1' })
  name?: string;

  @IsChoice(connectionStates, {
    name: 'ConnectionState',
    description:
      '`degraded` = the provider has paused its lane, or does not answer; `paused` = by a person, nothing new is sent; `invalid` = the provider refuses the credentials.',
    example: 'callable',
  })
  state!: ConnectionState;

  @IsText({ max: 2048, example: 'https://api.uds.app/partner/v2' })
  baseUrl!: string;

  @IsFree({ example: {} })
  settings!: Record<string, unknown>;

  @IsPart(() => ConnectionRateLimit, { optional: true })
  rateLimit?: ConnectionRateLimit;

  @CapabilityMap()
  capabilities!: Record<string, Capability>;

  @IsPart(() => LaneView)
  lane!: LaneView;

  @IsPart(() => ConnectionCheck, { optional: true })
  lastCheck?: ConnectionCheck;

  @IsMoment()
  createdAt!: string;

  @IsMoment()
  updatedAt!: string;
}
