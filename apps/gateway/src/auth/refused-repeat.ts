import type { FastifyRequest } from 'fastify';
import { Refusal } from '#canonical';
import type { OpenCore } from '../core.js';
import { givenKey } from '../http/idempotency.js';
import { isWrite } from '../http/route-options.js';

const TAKEN_IN =
  'An earlier request with this Idempotency-Key was accepted; repeat it with an API key that may make this call to get its outcome.';

const NOT_KNOWN =
  'Whether this call was made before cannot be found out without its body, which was not read.';

/** The refusal of a valid API key: if the request repeats an accepted write, or may, it does not say not-executed. */
export async function refusalOfRepeat(
  { stores, database }: Pick<OpenCore['core'], 'stores' | 'database'>,
  refusal: Refusal,
  { tenantId, request }: { tenantId: string; request: FastifyRequest },
): Promise<Refusal> {
  if (!isWrite(request)) return refusal;
  if (request.routeOptions.config.derivesKey) return inDoubt(refusal, NOT_KNOWN);
  const key = givenKey(request);
  if (key === undefined) return refusal;
  const known = await stores.idempotency.find(database.direct, tenantId, key);
  return known ? inDoubt(refusal, TAKEN_IN) : refusal;
}

const inDoubt = ({ code, members, detail }: Refusal, why: string): Refusal =>
  new Refusal(code, { ...members, detail: `${detail} ${why}`, outcome: 'unknown' });
