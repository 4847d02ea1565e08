import type { CustomerCreate, CustomerData } from '#canonical';
import { Refusal, refusalAt } from '#canonical';
import { defineExchange, send, steps } from '#adapter-kit';
import { bodyOf } from './body.js';
import { isConflict } from './refused-copy.js';
import { federation } from './request.js';

const takes = new Set(['externalId', 'displayName', 'email', 'vkId', 'emailVerified']);

/** Registers or updates a person, keyed by `external_id`, so a repeat is harmless. Returns both ids. */
export const upsertUser = defineExchange<CustomerCreate, CustomerData>({
  name: 'upsert-user',
  call: 'POST /federation/v1/users/upsert',
  retryClass: 'keyed',
  errors: { 'known-already': 'validation-failed' },
  request: ask => {
    refuseOthers(ask);
    const { externalId, displayName, email, vkId, emailVerified } = ask;
    if (externalId === undefined)
      throw refusalAt('/externalId', 'Recca registers people under your own id: `externalId` is required.');
    return federation('/users/upsert', {
      external_id: externalId,
      ...(vkId !== undefined && { vk_id: vkId }),
      ...(email !== undefined && { email }),
      ...(displayName !== undefined && { full_name: displayName }),
      ...(emailVerified !== undefined && { email_verified: emailVerified }),
    });
  },
  read: (answer, { externalId, displayName, email }) => {
    const body = bodyOf(answer);
    return {
      providerRefs: {
        tenantReccaId: body.at('tenant_recca_id').needId(),
        reccaUserId: body.at('recca_user_id').needId(),
        externalId: externalId!,
      },
      externalId,
      displayName,
      email,
      member: true,
    };
  },
});

/** Registers a person. A conflict may be the answer to one of two copies of the request that met at Recca; the repeat is an update by then, and only what it is refused for is the reason. */
export const createCustomer = steps(upsertUser, function* (ask: CustomerCreate) {
  try {
    return yield* send(upsertUser, ask);
  } catch (error) {
    if (!(error instanceof Refusal) || !isConflict(error)) throw error;
    return yield* send(upsertUser, ask);
  }
});

function refuseOthers(ask: CustomerCreate): void {
  const others = Object.entries(ask).flatMap(([name, value]) =>
    value === undefined || takes.has(name) ? [] : [`/${name}`],
  );
  if (others.length === 0) return;
  const detail = 'Recca accepts only externalId, displayName, email, vkId and emailVerified.';
  throw refusalAt(others, detail, 'unsupported-field');
}
