import type { FastifyRequest } from 'fastify';
import { Refusal } from '#canonical';
import type { OpenCore } from '../core.js';
import { givenKey } from '../http/idempotency.js';
import { isWrite } from '../http/route-options.js';

const TAKEN_IN =
  'An earlier request with this Idempotency-Key was accepted; repeat it with an API key that may make this call to get its outcome.';

/** The refusal for an API key: if the request repeats an accepted write, it does not say not-executed. */
export async function refusalOfRepeat(
  { stores, database }: Pick<OpenCore['core'], 'stores' | 'database'>,
  refusal: Refusal,
  { tenantId, request }: { tenantId: string; request: FastifyRequest },
): Promise<Refusal> {
  const key = givenKey(request);
  if (key === undefined || !isWrite(request)) return refusal;
  const known = await stores.idempotency.find(database.direct, tenantId, key);
  if (!known) return refusal;
  const detail = `${refusal.detail} ${TAKEN_IN}`;
  return new Refusal(refusal.code, { ...refusal.members, detail, outcome: 'unknown' });
}
