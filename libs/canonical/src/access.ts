import { IsChoice, IsIdOf, IsMoment, IsText, IsTexts } from './fields.js';
import { IsPart } from './parts.js';
import { slugPattern } from './connection.js';
import { ResourceRef } from './operation.js';

/** What an API key may do; every route requires one of these scopes. */
export const scopes = [
  'connections:read',
  'connections:write',
  'loyalty:read',
  'loyalty:write',
  'referral:read',
  'referral:write',
  'operations:read',
  'operations:write',
  'extensions:read',
  'extensions:write',
  'subscriptions:read',
  'subscriptions:write',
  'lanes:read',
  'keys:read',
  'keys:write',
  'audit:read',
  'compat',
  'platform',
] as const;
/** One of `scopes`; `platform` manages tenants, `compat` is for the UDS v1 façade. */
export type Scope = (typeof scopes)[number];

// The last one is for the operation that a 202 names.
const tillsScopes: Scope[] = ['loyalty:read', 'loyalty:write', 'operations:read'];

/** The input for a new API key. */
export class ApiKeyCreate {
  @IsText({ example: 'till 7' })
  name!: string;

  @IsTexts({ of: scopes, min: 1, max: scopes.length, example: tillsScopes })
  scopes!: Scope[];

  @IsText({
    optional: true,
    max: 64,
    description: 'The connection (id or slug) to use when no `Gateway-Connection` header is sent.',
    example: 'uds-main',
  })
  defaultConnection?: string;

  @IsMoment({ optional: true, example: '2027-11-21T00:00:00Z' })
  expiresAt?: string;

  @IsIdOf('ten', {
    optional: true,
    description: 'The tenant that the key is for; requires the scope `platform`.',
  })
  tenantId?: string;
}

/** An API key; the secret itself is shown once, when it is created. */
export class ApiKey {
  @IsIdOf('key')
  id!: string;

  @IsText({ example: 'till 7' })
  name!: string;

  @IsTexts({ of: scopes, example: tillsScopes })
  scopes!: Scope[];

  @IsIdOf('ten')
  tenantId!: string;

  @IsIdOf('con', { optional: true })
  defaultConnectionId?: string;

  @IsText({
    optional: true,
    description: 'The key itself; only in the answer that creates it.',
    example: 'lgk_…',
  })
  key?: string;

  @IsMoment()
  createdAt!: string;

  @IsMoment({ optional: true })
  expiresAt?: string;

  @IsMoment({ optional: true })
  lastUsedAt?: string;
}

/** The input for a new tenant. */
export class TenantCreate {
  @IsText({ example: 'Coffee & Co' })
  name!: string;

  @IsText({ optional: true, max: 63, pattern: slugPattern, example: 'coffee-and-co' })
  slug?: string;
}

/** A merchant with their own connections, keys and data. */
export class Tenant {
  @IsIdOf('ten')
  id!: string;

  @IsText({ example: 'Coffee & Co' })
  name!: string;

  @IsText({ optional: true, example: 'coffee-and-co' })
  slug?: string;

  @IsMoment()
  createdAt!: string;
}

/** Who performed an audited action. */
export class AuditActor {
  @IsChoice(['key', 'system'], { example: 'key' })
  type!: 'key' | 'system';

  @IsText({ optional: true, example: 'key_01h455vb4pex5vsknk084sn02q' })
  id?: string;

  @IsText({ optional: true, example: 'till 7' })
  name?: string;
}

/** One line of the audit log. */
export class AuditEntry {
  @IsIdOf('aud')
  id!: string;

  @IsMoment()
  at!: string;

  @IsPart(() => AuditActor)
  actor!: AuditActor;

  @IsText({ example: 'operation.resolved' })
  action!: string;

  @IsPart(() => ResourceRef, { optional: true })
  resource?: ResourceRef;

  @IsText({ optional: true, max: 1000, multiline: true, example: 'executed: seen in the provider’s cabinet' })
  note?: string;

  @IsText({ optional: true, example: '01h455vb4pex5vsknk084sn02q' })
  requestId?: string;
}
