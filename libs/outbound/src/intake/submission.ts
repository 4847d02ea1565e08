import type { ProblemContext } from '#canonical';
import type { StoredOperation } from '#persistence';
import type { OpenConnection } from '../connections/connection.js';
import type { Kind, Request } from '../kinds/kind.js';
import type { HeadStart } from '../run/primed-plan.js';
import type { StoredAnswer } from './stored-answer.js';

/** A write as it comes in from REST, from the command queue or from the façade. */
export interface Submission<Body = any> extends Request<Body> {
  kind: Kind<Body>;
  connection: OpenConnection;
  /** Client's key, or one derived by us; unique per tenant. */
  idempotencyKey: string;
  /** How long the caller waits, in milliseconds. */
  waitMs: number;
  /** Language and request id of a refusal to this caller; English and the operation's own id unless given. */
  audience?: Pick<ProblemContext, 'requestId' | 'language'>;
}

/** What acceptance found: a new operation, a running or finished one (by key or by merchant reference), or a stored answer. */
export type Accepted =
  | { outcome: 'new'; operation: StoredOperation; head?: HeadStart }
  | { outcome: 'joined'; operation: StoredOperation }
  | { outcome: 'matched'; operation: StoredOperation }
  | ({ outcome: 'replayed'; operationId: string | null } & StoredAnswer);

/** A submission with its fingerprint (`fingerprintOf`). */
export type FingerprintedSubmission = Submission & { fingerprint: string };

/** The merchant's reference of a body that has one. */
export const referenceOf = ({ body }: Pick<Submission, 'body'>): string | null =>
  (body as { merchantReference?: string } | undefined)?.merchantReference ?? null;
