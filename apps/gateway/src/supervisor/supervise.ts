import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startEmbeddedPostgres, toldIfFull } from '#persistence/embedded';
import { readSettings } from '../settings.js';
import { startApp } from './app.js';
import { makeDataDir } from './data-dir.js';
import { ProcessGroup } from './process-group.js';
import { addressOf, claimable, listenAddress, reachable, untilReady } from './ports.js';
import { bootstrapKey, holdsDatabase, masterKey, type BootstrapKey } from './secrets.js';
import { environmentFor, planStart, type StartPlan } from './start-plan.js';
import type { StopSignals } from './stop-signals.js';
import { welcome } from './welcome.js';

/** Parameters of a supervised run. */
export interface Supervision {
  env: NodeJS.ProcessEnv;
  /** The folder of the compiled apps. */
  apps: string;
  signals: StopSignals;
  /** Prints text for a person. */
  say: (text: string) => void;
}

/**
 * Runs the database if none is given, the sandbox, the worker and the gateway until a signal, or until one of them ends.
 * Returns the exit code: 0 if stopped by a signal. Throws CannotStart or BadSettings with a message if it cannot start.
 */
export async function supervise({ env, apps, signals, say }: Supervision): Promise<number> {
  const asked = planStart(env);
  checkSettings(asked, env);
  const plan = { ...asked, host: await listenAddress(asked.host) };
  await claimable('PORT', plan.host, plan.port);
  if (plan.sandboxPort) await claimable('SANDBOX_PORT', plan.host, plan.sandboxPort);
  if (env['REDIS_URL']) await reachable(env['REDIS_URL']);
  makeDataDir(plan.dataDir);
  const newDatabase = plan.embedded && !holdsDatabase(plan.dataDir);
  const firstKey = env['BOOTSTRAP_API_KEY'] ? undefined : bootstrapKey(plan.dataDir, newDatabase);
  const group = new ProcessGroup();
  void signals.second.then(() => group.kill());
  const stopping = new AbortController();
  try {
    const database = await openDatabase(plan, env, group, say);
    const environment = {
      ...environmentFor(plan, env),
      ...database,
      ...(firstKey && { BOOTSTRAP_API_KEY: firstKey.key }),
    };
    startApps(plan, apps, environment, group);
    void welcomeWhenReady(plan, firstKey, say, stopping.signal);
    const failure = await Promise.race([group.ended, signals.first.then(() => undefined)]);
    say(failure ?? 'Stopping …');
    return failure === undefined ? 0 : 1;
  } finally {
    stopping.abort();
    await group.stop();
  }
}

// Every app validates its settings too; here an error is shown once, before anything is created.
function checkSettings(plan: StartPlan, env: NodeJS.ProcessEnv): void {
  const MASTER_KEY = env['MASTER_KEY'] || randomBytes(32).toString('base64');
  const embedded = plan.embedded ? { DATABASE_URL: 'postgres://embedded', MASTER_KEY } : {};
  readSettings({ ...environmentFor(plan, env), ...embedded });
}

/** The database settings of the apps; empty if one is given. */
async function openDatabase(
  plan: StartPlan,
  env: NodeJS.ProcessEnv,
  group: ProcessGroup,
  say: (text: string) => void,
): Promise<NodeJS.ProcessEnv> {
  if (!plan.embedded) return {};
  try {
    // Before the database: otherwise an interrupted start could leave a database without its key.
    const MASTER_KEY = env['MASTER_KEY'] || masterKey(plan.dataDir);
    const postgres = await startEmbeddedPostgres({ dataDir: plan.dataDir, log: say });
    group.add(postgres);
    return { DATABASE_URL: postgres.url, MASTER_KEY };
  } catch (error) {
    throw toldIfFull(error, plan.dataDir);
  }
}

// Stopped in reverse order: the gateway finishes its requests while the others still run.
function startApps(plan: StartPlan, apps: string, env: NodeJS.ProcessEnv, group: ProcessGroup): void {
  for (const name of [...(plan.sandboxPort ? ['sandbox'] : []), 'worker', 'gateway']) {
    group.add(startApp(name, join(apps, name, 'src/main.js'), env));
  }
}

async function welcomeWhenReady(
  plan: StartPlan,
  firstKey: BootstrapKey | undefined,
  say: (text: string) => void,
  stopping: AbortSignal,
): Promise<void> {
  const url = addressOf(plan.host, plan.port);
  if (!(await untilReady(`${url}/readyz`, stopping))) return;
  say(welcome(plan, url, firstKey?.key));
  firstKey?.shown();
}
