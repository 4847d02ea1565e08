import type { ProblemContext } from '#canonical';
import type { StoredOperation } from '#persistence';
import type { OpenConnection } from './connection.js';
import type { Kind, Request } from './kinds/kind.js';

/** A write as it comes in from REST, from the command queue or from the façade. */
export interface Submission<Body = any> extends Request<Body> {
  kind: Kind<Body>;
  connection: OpenConnection;
  /** Client's key, or one derived by us; unique per tenant. */
  idempotencyKey: string;
  /** How long the caller waits, in milliseconds. */
  waitMs: number;
  /** How a refusal is told to this caller; English and the operation's own id unless given. */
  told?: Pick<ProblemContext, 'requestId' | 'language'>;
}

/** What stands after acceptance: a new operation, one that stood already, or a stored answer. */
export type Accepted =
  | { outcome: 'new'; operation: StoredOperation }
  | { outcome: 'joined'; operation: StoredOperation; replayed: true }
  | { outcome: 'matched'; operation: StoredOperation }
  | {
      outcome: 'replayed';
      status: number;
      location: string | null;
      body: unknown;
      operationId: string | null;
    };

/** A submission with the fingerprint of what it asks (`fingerprintOf`). */
export type Asked = Submission & { fingerprint: string };
