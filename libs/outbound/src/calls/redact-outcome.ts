import type { Adapter, WireRequest } from '#adapter-kit';
import { Refusal } from '#canonical';
import type { RefusalMembers } from '#canonical';
import { secretsOf } from '../connections/connection.js';
import type { OpenConnection } from '../connections/connection.js';
import type { ExchangeOutcome } from './exchange.js';
import { personalTexts, redactText } from '../http/redact.js';

/** A call as it is sent: the ask, the request made from it, and the headers that authenticate it. */
export interface OutgoingCall {
  ask: unknown;
  wire: WireRequest;
  headers: Record<string, string>;
}

/** Texts of a call that must not be shown even if the provider quotes them: credentials in every form that was sent, and personal data. Found when first asked for: a good answer needs them only for the call log, after its caller has it. */
export function secretTextsOf(connection: OpenConnection, call: OutgoingCall): () => readonly string[] {
  let texts: readonly string[] | undefined;
  return () => (texts ??= findSecrets(connection, call));
}

function findSecrets(connection: OpenConnection, { ask, wire, headers }: OutgoingCall): string[] {
  const { json, form, query, bearer } = wire;
  // A provider may quote the credentials without their scheme (`Basic …`).
  const proofs = personalTexts(headers).flatMap(text => [text, text.split(' ').at(-1)!]);
  const told = personalTexts([ask, json, form, query]);
  return [...new Set([...secretsOf(connection), ...proofs, ...told, ...(bearer ? [bearer] : [])])];
}

/** The outcome of a call without those texts, since it is shown to callers, stored on rows and sent in events. */
export function redactOutcome(
  made: ExchangeOutcome,
  adapter: Adapter,
  secrets: () => readonly string[],
): ExchangeOutcome {
  if (made.kind === 'unanswered') return { ...made, reason: redactText(made.reason, secrets()) };
  return made.kind === 'refused'
    ? { kind: 'refused', refusal: redactRefusal(made.refusal, adapter, secrets()) }
    : made;
}

function redactRefusal(refusal: Refusal, adapter: Adapter, secrets: readonly string[]): Refusal {
  const { provider, errors, detail } = refusal.members;
  if (!provider && !errors && detail === undefined) return refusal;
  const clean = (text: string) => redactText(text, secrets);
  const members: RefusalMembers = { ...refusal.members };
  if (detail !== undefined) members.detail = clean(detail);
  if (errors) members.errors = errors.map(fault => ({ ...fault, detail: clean(fault.detail) }));
  if (provider) members.provider = { ...provider, ...redactProviderWords(provider, adapter, clean) };
  return new Refusal(refusal.code, members);
}

// Plans decide by codes that the adapter knows, so those stay; an unknown code is redacted like any text.
function redactProviderWords(
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
