import { exchangesOf, readFixtures } from '../../libs/adapter-kit/src/testing/cases.js';
import { retryClassOf } from '#adapter-kit';
import type { Adapter, Exchange } from '#adapter-kit';
import type { Fixture } from '#adapter-kit/testing';
import { registry } from '#adapters';
import type { RetryClass } from '#canonical';
import type { Made } from '#outbound';
import { faultNames, faults } from '../../apps/sandbox/src/faults/fault-names.js';
import type { FaultName } from '../../apps/sandbox/src/faults/fault-names.js';
import { decide } from '../../libs/outbound/src/retry.js';
import type { Attempt } from '../../libs/outbound/src/retry.js';

/** A call of an adapter that the simulator answers, with an ask to make it by. */
export interface MatrixCall {
  provider: string;
  adapter: Adapter;
  exchange: Exchange;
  named: { name: string; fixture: Fixture };
}

/** What the gateway may make of a call under a fault; more than one where it depends on the answer. */
export type Kind = Exclude<Made['kind'], 'taken' | 'no-slot' | 'circuit-open'>;

const OTHERS: Partial<Record<FaultName, readonly Kind[]>> = {
  'port-closed': ['not-sent', 'unanswered'],
  // It strikes a new connection, and a kept one may serve.
  refused: ['not-sent', 'unanswered', 'done'],
  // Two bytes are soon there.
  slow: ['done', 'unanswered'],
  // A provider that refuses by the status alone is not believed without it.
  'refusal-200': ['refused', 'unanswered'],
  'late-answer': ['done'],
  'clock-skew': ['done'],
  // The socket may be a fresh one.
  'keepalive-close': ['done', 'unanswered'],
};

/** What must come of a call under this fault. */
export function expected(fault: FaultName, isRead = false): readonly Kind[] {
  const own = OTHERS[fault];
  // A probe may ask for nothing but a 200; a write never takes a refusal for its answer.
  if (fault === 'refusal-200' && isRead) return ['refused', 'unanswered', 'done'];
  if (own) return own;
  if (fault.startsWith('429')) return ['throttled'];
  // A field that nobody reads may be missing; one that is read makes the answer unbelievable, never a "no".
  if (fault.startsWith('drift') || fault === 'bom-200') return ['done', 'unanswered'];
  return ['unanswered'];
}

/** Every declared call of every adapter that has a fixture which its simulator answers. */
export function matrixCalls(): MatrixCall[] {
  return Object.entries(registry).flatMap(([provider, { adapter }]) => {
    const held = readFixtures(new URL(`../../libs/adapters/${provider}/fixtures/`, import.meta.url));
    return exchangesOf(adapter).flatMap(exchange => {
      const named = held.find(({ fixture }) => fixture.conform && fixture.exchange === exchange.name);
      return named ? [{ provider, adapter, exchange, named }] : [];
    });
  });
}

interface Column {
  title: string;
  retryClass: RetryClass;
  reconcilable: boolean;
}

const COLUMNS: readonly Column[] = [
  { title: 'with a look-up', retryClass: 'reconcilable', reconcilable: true },
  { title: 'keyed or absolute, without', retryClass: 'keyed', reconcilable: false },
  { title: 'unsafe, without', retryClass: 'unsafe', reconcilable: false },
];

function stateOf(kind: Kind, { retryClass, reconcilable }: Column): string {
  const attempt = { kind, reason: '', retryAfterMs: 1_000, result: {} } as Attempt;
  const wrote = kind === 'unanswered' || kind === 'done';
  const { next } = decide(attempt, { retryClass, reconcilable, wrote, doubtful: false, attempts: 1 });
  if (next === 'queued') return kind === 'unanswered' ? 'sent again' : 'queued';
  return next === 'unknown' && !reconcilable ? 'needs-review' : next;
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const either = (words: string[]): string => [...new Set(words)].join(' or ');

/** The matrix in words, for docs/fault-matrix.md. */
export function matrixDocument(): string {
  const head = ['fault', 'what happens', 'what is made of it', ...COLUMNS.map(({ title }) => title)];
  const rows = faultNames.map(fault => {
    const kinds = expected(fault);
    const states = COLUMNS.map(column => either(kinds.map(kind => stateOf(kind, column))));
    return line([`\`${fault}\``, faults[fault], kinds.join(' or '), ...states]);
  });
  const calls = matrixCalls().map(({ provider, exchange, adapter }) =>
    line([
      provider,
      `\`${exchange.name}\``,
      `\`${exchange.call}\``,
      retryClassOf(exchange, new adapter.settings()),
    ]),
  );
  return `# Faults and what comes of them

Generated from the sandbox’s faults, the adapters’ declarations and the retry policy by \`npx vitest run test/e2e/fault-matrix.spec.ts -u\`; the same spec plays every fault upon every call below.

\`not-sent\`: certain that nothing left. \`throttled\`: refused because of the rate, before executing. \`refused\`: the provider said no. \`unanswered\`: perhaps carried out. The last columns are the state of a write after its first sending.

${[line(head), line(head.map(() => '---')), ...rows].join('\n')}

A read under the same faults: \`done\` is answered, \`refused\` is the provider’s problem, the others are 503 (nothing was sent, or the lane is held), 504 (no answer in time) or 502 (an answer that proves nothing).

## Calls that are played

${[line(['provider', 'exchange', 'call', 'class']), line(['---', '---', '---', '---']), ...calls].join('\n')}
`;
}
