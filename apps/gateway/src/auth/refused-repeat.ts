import type { FastifyRequest } from 'fastify';
import { Refusal } from '#canonical';
import type { ErrorCode } from '#canonical';
import type { StoredKey } from '#persistence';
import type { Core } from '../core.js';
import { givenKey } from '../http/idempotency.js';
import { isWrite } from '../http/route-options.js';

/** What a look-up of an earlier request needs. */
export type Earlier = Pick<Core, 'stores' | 'database'>;

/** Refusals of a body: they come before its `Idempotency-Key` is looked up. */
export const OF_THE_BODY: readonly ErrorCode[] = [
  'malformed-json',
  'unknown-field',
  'money-not-string',
  'invalid-parameter',
  'validation-failed',
  'amount-scale',
  'payload-too-large',
  'unsupported-media-type',
];

/** For the developer, of a refused write whose key was not looked up. */
export const NOT_CHECKED =
  'It was not checked whether an earlier request with this `Idempotency-Key` was executed';

const TAKEN_IN =
  'An earlier request with this Idempotency-Key was accepted; repeat it with an API key that may make this call to get its outcome.';

const NOT_KNOWN =
  'Whether this call was made before cannot be found out without its body, which was not read.';

/** The refusal of a valid API key: if the request repeats an accepted write, or may, it does not say not-executed. */
export async function refusalOfRepeat(
  { stores, database }: Earlier,
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

/** The refusal of a body, which may have been cut on its way: if its key is that of an accepted write, it does not say not-executed, and tells where to look. */
export async function refusalOfBody(
  { stores, database }: Earlier,
  refusal: Refusal,
  request: FastifyRequest,
): Promise<Refusal> {
  const { caller } = request;
  if (!caller || !OF_THE_BODY.includes(refusal.code) || !isWrite(request)) return refusal;
  const key = givenKey(request);
  if (key === undefined) return refusal;
  try {
    const known = await stores.idempotency.find(database.direct, caller.tenantId, key);
    return known ? await besides({ stores, database }, refusal, known) : refusal;
  } catch {
    return inDoubt(refusal, `${NOT_CHECKED}: repeat it with the same one to find out.`);
  }
}

async function besides({ stores, database }: Earlier, refusal: Refusal, known: StoredKey): Promise<Refusal> {
  const { operationId } = known;
  const operation = operationId && (await stores.operations.byId(database.direct, operationId));
  if (!operation) return inDoubt(refusal, STANDS);
  if (operation.finishedAt && operation.outcome === 'not-executed') return refusal;
  return inDoubt(refusal, standsAs(operation.id), operation.id);
}

const ANOTHER_KEY = 'A new key could execute it a second time.';

const STANDS = `An earlier request with this \`Idempotency-Key\` was executed: repeat that one unchanged to get its answer. ${ANOTHER_KEY}`;

/** For the developer, of a refused body whose key is an operation's. */
export const standsAs = (operationId: string): string =>
  `An earlier request with this \`Idempotency-Key\` was accepted: GET /v1/operations/${operationId} tells what became of it. ${ANOTHER_KEY}`;

const inDoubt = ({ code, members, detail }: Refusal, why: string, operationId?: string): Refusal =>
  new Refusal(code, { ...members, detail: `${detail} ${why}`, outcome: 'unknown', operationId });
