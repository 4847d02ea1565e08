import { Unanswered, isFailedExchange } from '#adapter-kit';
import type { PlanRun } from '#adapter-kit';
import type { ConversionAsk, ErrorCode, Refusal } from '#canonical';
import { findConverted } from './converted-leads.js';
import type { KnownLeads } from './leads.js';

// No sale changes these: the first request would have been refused for them as well.
const changedByNoSale: ErrorCode[] = ['connection-credentials-invalid', 'connection-account-inactive'];

const otherReasons = ['WINDOW_EXPIRED', 'PARTNER_NOT_ACTIVE'];
const ofItsState = ['ALREADY_CONVERTED', 'ILLEGAL_TRANSITION'];

/** Throws `Unanswered` where a refused sale may be registered all the same: one that reached Recca twice (a proxy repeated it) is refused the second time, because of what the first one did to its lead or its order. */
export function* requireUnregistered(
  { code, members: { provider } }: Refusal,
  ask: ConversionAsk,
  known: KnownLeads | undefined,
): PlanRun<void> {
  if (!provider || changedByNoSale.includes(code)) return;
  const wasConverted = known?.ids.includes(ask.leadRef) ?? false;
  if (ofItsState.includes(provider.code ?? '') ? !wasConverted : isConflict(provider))
    throw new Unanswered('Recca answers with a conflict: the sale may be registered already');
  if (known && !wasConverted && (yield* isConverted(ask, known.size)))
    throw new Unanswered('Recca refused the sale, but its lead has become converted');
}

// This very order may be known: it came twice, or was taken for lost.
const isConflict = ({ code = '', status }: { code?: string; status?: number }): boolean =>
  ['known-already', 'http-409'].includes(code) || (status === 409 && !otherReasons.includes(code));

// Without that page, the refusal remains valid: the sale was sent once.
function* isConverted(ask: ConversionAsk, limit?: number): PlanRun<boolean> {
  try {
    return (yield* findConverted(ask, { limit, mostPages: 1 })) === true;
  } catch (error) {
    if (isFailedExchange(error)) return false;
    throw error;
  }
}
