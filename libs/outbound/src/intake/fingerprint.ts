import { createHash } from 'node:crypto';
import { canonicalForm } from '#canonical';
import type { Vault } from '#persistence';
import { canonicalJson } from './canonical-json.js';
import type { FingerprintedSubmission, Submission } from './submission.js';

/** What makes a request this one and no other. */
type Content = Pick<Submission, 'kind' | 'connection' | 'body' | 'params'>;

/** A keyed hash of the request in canonical JSON: a plain one, kept as long as the books, would let everybody with a copy of the database try all phones. `kind` stands for method and route, and sums count by their value ("10.0" is "10.00"). */
export const fingerprintOf = (vault: Vault, content: Content): string =>
  vault.fingerprint('content', textOf(inOneNotation(content)));

const inOneNotation = (content: Content): Content => ({ ...content, body: canonicalForm(content.body) });

const textOf = ({ kind, connection, params, body }: Content): string =>
  canonicalJson({ kind: kind.operation, connection: connection.id, params, body });

/** Rows of earlier versions have the plain SHA-256, first of the body as it was sent, then of its one notation. */
const earlierOf = (content: Content): string[] =>
  [inOneNotation(content), content].map(one => createHash('sha256').update(textOf(one)).digest('hex'));

/** Whether a stored fingerprint is this request's. */
export const isFingerprintOf = (submission: FingerprintedSubmission, stored: string): boolean =>
  stored === submission.fingerprint || earlierOf(submission).includes(stored);
