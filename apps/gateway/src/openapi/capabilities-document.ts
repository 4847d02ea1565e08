import { registry } from '#adapters';
import { operations } from '#canonical';
import type { Capability, OperationKind } from '#canonical';
import { capabilitiesOf } from '../providers/capabilities.js';

/** docs/capabilities.md: what each provider supports, and why not. */
export function capabilitiesDocument(): string {
  const adapters = Object.values(registry).map(({ adapter }) => adapter);
  const capabilities = new Map(adapters.map(adapter => [adapter, capabilitiesOf(adapter, {})]));
  const kinds = Object.keys(operations) as OperationKind[];
  const rows = kinds.map(kind => {
    const { capability, title } = operations[kind];
    const marks = adapters.map(adapter =>
      mark(capabilities.get(adapter)![capability]!, adapter.operations[kind].support),
    );
    return `| ${title} | \`${capability}\` | ${marks.join(' | ')} |`;
  });
  const reasons = adapters.map(adapter => {
    const lines = Object.entries(capabilities.get(adapter)!).flatMap(([capability, { reason, traits }]) => {
      const notes = traits?.['notes'] as string | undefined;
      return (reason ?? notes) ? [`* \`${capability}\`: ${reason ? `no. ${reason}` : notes}`] : [];
    });
    return [`## ${adapter.title}`, '', `Source: ${adapter.source}`, '', ...lines].join('\n');
  });
  return `${[
    '# Capabilities',
    'Generated from the adapters; do not edit. The table is for a connection with default settings; settings can enable or disable some capabilities.',
    [
      `| | capability | ${adapters.map(({ title }) => title).join(' | ')} |`,
      `|---|---|${adapters.map(() => '---|').join('')}`,
      ...rows,
    ].join('\n'),
    ...reasons,
  ].join('\n\n')}\n`;
}

function mark({ supported }: Capability, support: string): string {
  if (support === 'no') return 'no';
  if (!supported) return 'by setting';
  return support === 'native' ? 'yes' : support;
}
