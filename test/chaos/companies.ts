import type { OpenConnection } from '#outbound';
import { startSandbox } from '../../apps/sandbox/src/sandbox.js';
import type { Sandbox } from '../../apps/sandbox/src/sandbox.js';
import type { FaultRule } from '../../apps/sandbox/src/faults/fault-rules.js';
import type { JournalLine, World } from '../support/world.js';

/** A provider account of its own, in its own sandbox: a ledger grows no faster than its lane allows. */
export interface Company {
  connection: OpenConnection;
  sandbox: Sandbox;
  /** Calls this sandbox's control API. */
  control(path: string, body?: unknown): Promise<any>;
  /** Sets the faults of later calls, replacing earlier ones. */
  breakCalls(rules: FaultRule[]): Promise<void>;
  journal(): Promise<JournalLine[]>;
}

/** Opens an account in a new sandbox, which the caller closes. */
export async function openCompany(
  world: World,
  provider: string,
  seed: number,
  settings?: Record<string, unknown>,
): Promise<Company> {
  return companyIn(world, provider, await startSandbox({ only: [provider], controlPort: 0, seed }), settings);
}

/** Opens an account in an existing sandbox, for many merchants one after another. */
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
