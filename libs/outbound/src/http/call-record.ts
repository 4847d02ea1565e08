import type { WireAnswer } from '#adapter-kit';
import { redactText, redactUrl, redactValue } from './redact.js';
import type { OutgoingRequest, Sent } from './sent.js';

/** What the provider-call log keeps of one call: no header that we sent, no query value, and only masked previews of bodies. */
export interface CallRecord {
  method: string;
  url: string;
  status?: number;
  durationMs: number;
  request: { bytes: number; preview?: string };
  response?: { bytes: number; format: WireAnswer['format']; preview?: string };
}

/** Makes the log's entry of a call; `secrets` are the connection's credentials and whatever else must not be kept. */
export function recordCall(request: OutgoingRequest, sent: Sent, secrets: readonly string[]): CallRecord {
  const body = request.body ?? '';
  const record: CallRecord = {
    method: request.method,
    url: redactUrl(request.url, secrets),
    durationMs: sent.durationMs,
    request: { bytes: Buffer.byteLength(body), preview: preview(readRequest(body), secrets) },
  };
  if (sent.kind !== 'answered') return record;
  const { status, format, body: said, text } = sent.answer;
  // A page is made for people: it tells nothing about the call and may quote anything.
  const shown = format === 'html' || format === 'empty' ? undefined : preview(said ?? text, secrets);
  return { ...record, status, response: { bytes: sent.bytes, format, preview: shown } };
}

// Enough to fill a preview; the rest of a long report is not even walked.
const SHOWN_FIELDS = 200;

function preview(body: unknown, secrets: readonly string[]): string | undefined {
  if (body === undefined || body === '') return undefined;
  if (typeof body === 'string') return redactText(body, secrets);
  const text = JSON.stringify(redactValue(body, secrets, SHOWN_FIELDS));
  return text.length <= 2_000 ? text : `${text.slice(0, 1_999)}…`;
}

function readRequest(body: string): unknown {
  if (/^\s*[[{]/.test(body)) {
    try {
      // Our own text: it holds no number that a double cannot, for which an answer is read with more care.
      return JSON.parse(body) as unknown;
    } catch {
      return body;
    }
  }
  return /^[^\s=&]+=/.test(body) ? Object.fromEntries(new URLSearchParams(body)) : body;
}
