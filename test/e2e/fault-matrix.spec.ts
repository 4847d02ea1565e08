import { randomUUID } from 'node:crypto';
import { format, resolveConfig } from 'prettier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { retryClassOf } from '#adapter-kit';
import { caseOf } from '../../libs/adapter-kit/src/testing/cases.js';
import { registry } from '#adapters';
import { makeExchange } from '#outbound';
import type { Made, OpenConnection } from '#outbound';
import { faultNames } from '../../apps/sandbox/src/faults/fault-names.js';
import type { FaultName } from '../../apps/sandbox/src/faults/fault-names.js';
import { openCompany } from '../chaos/companies.js';
import type { Company } from '../chaos/companies.js';
import { ruleOf } from '../chaos/faults.js';
import { expected, matrixCalls, matrixDocument } from '../chaos/fault-matrix.js';
import type { MatrixCall } from '../chaos/fault-matrix.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ sandbox: { only: [] } });
});
afterAll(() => world.close());

/** Long enough for an answer that comes, short enough for thirty that do not. */
const TIMEOUT_MS = 600;

async function play(
  call: MatrixCall,
  company: Company,
  fault?: FaultName,
): Promise<{ made: Made; effects: number }> {
  const simulator = await registry[call.provider]!.simulator();
  await company.control('reset', { provider: call.provider });
  await company.breakCalls(fault ? [ruleOf(fault, { provider: call.provider, count: 1 })] : []);
  const { exchange, ask, context } = caseOf(call.named, { ...call, simulator });
  const connection: OpenConnection = {
    ...company.connection,
    settings: context.settings,
    // A lane of its own for each call: what a fault does to a lane is another test's affair.
    lane: { fingerprint: randomUUID(), requests: 5, perMs: 1_000 },
  };
  const terms = { laneClass: 'interactive', laneBudgetMs: 5_000, timeoutMs: TIMEOUT_MS } as const;
  const made = await makeExchange(world.core, connection, { exchange, ask, context }, terms);
  if (fault === 'port-closed') await company.breakCalls([]);
  return { made, effects: (await company.journal()).filter(({ effect }) => effect).length };
}

async function playAll(call: MatrixCall): Promise<string[]> {
  const company = await openCompany(world, call.provider, 1);
  const wrong: string[] = [];
  const isRead = retryClassOf(call.exchange, company.connection.settings) === 'read';
  try {
    const usual = await play(call, company);
    if (usual.made.kind !== 'done') wrong.push(`without a fault it is ${usual.made.kind}`);
    for (const fault of faultNames) {
      const { made, effects } = await play(call, company, fault);
      if (!(expected(fault, isRead) as string[]).includes(made.kind)) wrong.push(`${fault}: ${made.kind}`);
      // Whoever is told "no", "not sent" or "come back" must be able to believe it; and "done" is done.
      if (['refused', 'not-sent', 'throttled'].includes(made.kind) && effects > 0)
        wrong.push(`${fault}: ${made.kind}, with an effect`);
      if (made.kind === 'done' && effects !== usual.effects)
        wrong.push(`${fault}: done, with ${effects} effects`);
    }
  } finally {
    await company.sandbox.close();
  }
  return wrong;
}

describe('every fault upon every call', () => {
  const calls = matrixCalls().map(call => ({ ...call, title: `${call.provider} ${call.exchange.name}` }));

  it('plays writes and reads of every provider', () => {
    for (const [provider, { adapter }] of Object.entries(registry)) {
      const own = calls.filter(call => call.provider === provider);
      expect(own.length, provider).toBeGreaterThan(0);
      expect(
        own.some(({ exchange }) => retryClassOf(exchange, new adapter.settings()) !== 'read'),
        provider,
      ).toBe(true);
    }
  });

  it.concurrent.each(calls)('$title', async call => {
    expect(await playAll(call)).toEqual([]);
  });

  it('is what docs/fault-matrix.md says', async () => {
    const style = await resolveConfig(import.meta.filename);
    const document = await format(matrixDocument(), { ...style, parser: 'markdown' });
    await expect(document).toMatchFileSnapshot('../../docs/fault-matrix.md');
  });
});
