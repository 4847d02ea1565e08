import { callOf, retryClassOf } from '#adapter-kit';
import type { Adapter, Declared } from '#adapter-kit';
import { operations } from '#canonical';
import type { Capability, OperationKind, RetryClass } from '#canonical';

/** What an adapter can do under these settings, by capability: with its traits, or "no" with the reason. */
export function capabilitiesOf(adapter: Adapter, settings: unknown): Record<string, Capability> {
  const kinds = Object.keys(operations) as OperationKind[];
  return Object.fromEntries(
    kinds.map(kind => [
      operations[kind].capability,
      capabilityOf(adapter.operations[kind] as Declared, settings),
    ]),
  );
}

function capabilityOf(declared: Declared, settings: unknown): Capability {
  if (declared.support === 'no') {
    const instead = declared.alternative ? ` Instead: ${declared.alternative}` : '';
    return { supported: false, reason: `${declared.reason}${instead}` };
  }
  const off = declared.traits.unless?.(settings);
  if (off !== undefined) return { supported: false, reason: off };
  const traits = traitsOf(declared);
  if (declared.support === 'advisory') return { supported: true, traits };
  const retryClass: RetryClass = retryClassOf(callOf(declared.does), settings);
  return { supported: true, retryClass, traits };
}

function traitsOf(declared: Exclude<Declared, { support: 'no' }>): Record<string, unknown> {
  const {
    unless: _,
    by,
    reconcile,
    probe,
    ...told
  } = declared.traits as {
    unless?: unknown;
    by?: Record<string, true | string>;
    reconcile?: { strategy: string; settleSeconds?: number };
    probe?: unknown;
  };
  return {
    support: declared.support,
    ...told,
    ...(by && waysOf(by)),
    ...(reconcile && { reconcile: reconcile.strategy }),
    ...(probe !== undefined && { probe: true }),
    // As the answers say it: kept by the gateway alone.
    ...(declared.support === 'advisory' && { guarantee: 'advisory' }),
  };
}

// Yes as a list, no with its reasons.
function waysOf(by: Record<string, true | string>): { by: string[]; notBy: Record<string, string> } {
  const ways = Object.entries(by);
  return {
    by: ways.filter(([, said]) => said === true).map(([way]) => way),
    notBy: Object.fromEntries(ways.filter((way): way is [string, string] => way[1] !== true)),
  };
}
