import type { Adapter, WireRequest } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { RefusalMembers } from '#canonical';
import { secretsOf } from './connection.js';
import type { OpenConnection } from './connection.js';
import type { Made } from './exchange.js';
import { personalTexts, redactText } from './http/redact.js';

/** One call as it goes out: what was asked, the request made of it, and the headers that prove who asks. */
export interface Said {
  ask: unknown;
  wire: WireRequest;
  headers: Record<string, string>;
}

/** The texts of a call that nobody may read again, though a provider quotes them: its proof, in every form that leaves, and what it says of a person. */
export function unsaidOf(connection: OpenConnection, { ask, wire, headers }: Said): string[] {
  const { json, form, query, bearer } = wire;
  // A scheme before the proof (`Basic …`) is no part of what is quoted.
  const proofs = personalTexts(headers).flatMap(text => [text, text.split(' ').at(-1)!]);
  const told = personalTexts([ask, json, form, query]);
  return [...new Set([...secretsOf(connection), ...proofs, ...told, ...(bearer ? [bearer] : [])])];
}

/** What came of a call, without those texts: it is answered, kept on rows and told by events. */
export function unsaid(made: Made, adapter: Adapter, secrets: readonly string[]): Made {
  if (made.kind === 'unanswered') return { ...made, reason: redactText(made.reason, secrets) };
  return made.kind === 'refused'
    ? { kind: 'refused', refusal: discreet(made.refusal, adapter, secrets) }
    : made;
}

function discreet(refusal: Refusal, adapter: Adapter, secrets: readonly string[]): Refusal {
  const { provider, errors, detail } = refusal.members;
  if (!provider && !errors && detail === undefined) return refusal;
  const clean = (text: string) => redactText(text, secrets);
  const members: RefusalMembers = { ...refusal.members };
  if (detail !== undefined) members.detail = clean(detail);
  if (errors) members.errors = errors.map(fault => ({ ...fault, detail: clean(fault.detail) }));
  if (provider) members.provider = { ...provider, ...wordsOf(provider, adapter, clean) };
  return new Refusal(refusal.code, members);
}

// Plans decide by codes that the adapter knows; a code that it does not know is a text like any other.
function wordsOf(
  { code, message }: NonNullable<RefusalMembers['provider']>,
  { errors }: Adapter,
  clean: (text: string) => string,
): { code?: string; message?: string } {
  const known = code === undefined || Object.hasOwn(errors, code);
  return {
    ...(code !== undefined && { code: known ? code : clean(code).slice(0, LONGEST_CODE) }),
    ...(message !== undefined && { message: clean(message) }),
  };
}

const LONGEST_CODE = 64;
