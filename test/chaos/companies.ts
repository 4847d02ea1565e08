import type { OpenConnection } from '#outbound';
import { startSandbox } from '../../apps/sandbox/src/sandbox.js';
import type { Sandbox } from '../../apps/sandbox/src/sandbox.js';
import type { FaultRule } from '../../apps/sandbox/src/faults/fault-rules.js';
import type { JournalLine, World } from '../support/world.js';

/** One account at a provider that nobody else uses, in a sandbox of its own: a ledger grows no faster than its lane allows. */
export interface Company {
  connection: OpenConnection;
  sandbox: Sandbox;
  /** Asks this sandbox's control. */
  control(path: string, body?: unknown): Promise<any>;
  /** Breaks calls from now on, in place of what was broken before. */
  breakCalls(rules: FaultRule[]): Promise<void>;
  journal(): Promise<JournalLine[]>;
}

/** Opens an account of its own at the provider. The caller closes its sandbox. */
export async function openCompany(
  world: World,
  provider: string,
  seed: number,
  settings?: Record<string, unknown>,
): Promise<Company> {
  return companyIn(world, provider, await startSandbox({ only: [provider], controlPort: 0, seed }), settings);
}

/** Opens an account in a sandbox that stands already, for as many merchants as come one after another. */
export async function companyIn(
  world: World,
  provider: string,
  sandbox: Sandbox,
  settings?: Record<string, unknown>,
): Promise<Company> {
  const opened = await world.connect(provider, settings);
  await world.core.database.source.query(`update connections set base_url = $2 where id = $1`, [
    opened.id,
    sandbox.baseUrl(provider),
  ]);
  const connection = await world.reopen(opened);
  const ask = async (path: string, init?: RequestInit) =>
    (await fetch(`${sandbox.controlUrl}/__sim/${path}`, init)).json();
  const control = (path: string, body?: unknown) =>
    ask(path, body === undefined ? undefined : { method: 'POST', body: JSON.stringify(body) });
  return {
    connection,
    sandbox,
    control,
    breakCalls: async rules => {
      await ask('faults', { method: 'DELETE' });
      await control('faults', rules);
    },
    journal: async () => ((await control('journal')) as { data: JournalLine[] }).data,
  };
}
