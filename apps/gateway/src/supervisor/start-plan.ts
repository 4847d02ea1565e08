import { isAbsolute, resolve } from 'node:path';
import { CannotStart } from '#persistence/embedded';

/** What is to be started, from the environment. The apps check everything else. */
export interface StartPlan {
  dataDir: string;
  /** No DATABASE_URL: the database runs here. */
  embedded: boolean;
  host: string;
  port: number;
  /** Absent: no sandbox. */
  sandboxPort?: number;
}

/** Reads the plan. Throws CannotStart naming the variable and its valid values. */
export function planStart(env: NodeJS.ProcessEnv, directory = process.cwd()): StartPlan {
  const embedded = !env['DATABASE_URL'];
  const dataDir = env['DATA_DIR'] || '.data';
  const port = portIn(env, 'PORT', 3000);
  const sandboxPort = sandboxIn(env, embedded) ? portIn(env, 'SANDBOX_PORT', 3001) : undefined;
  if (port === sandboxPort) {
    throw new CannotStart(`PORT and SANDBOX_PORT are both ${port}: set one of them to another port.`);
  }
  return {
    dataDir: isAbsolute(dataDir) ? dataDir : resolve(directory, dataDir),
    embedded,
    host: env['HOST'] || (embedded ? '127.0.0.1' : '0.0.0.0'),
    port,
    sandboxPort,
  };
}

/** Node looks up names in half of these, and in two of its four by default: two names whose servers are silent would keep every new connection waiting. */
const THREADS = '32';

/** The environment of every app: ours, with the plan's settings. */
export function environmentFor(plan: StartPlan, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...env,
    DATA_DIR: plan.dataDir,
    HOST: plan.host,
    PORT: String(plan.port),
    SANDBOX: plan.sandboxPort ? 'on' : 'off',
    // Log only warnings, so that a person sees the addresses.
    LOG_LEVEL: env['LOG_LEVEL'] || (plan.embedded ? 'warn' : 'info'),
    UV_THREADPOOL_SIZE: env['UV_THREADPOOL_SIZE'] || THREADS,
    ...(plan.sandboxPort ? { SANDBOX_PORT: String(plan.sandboxPort) } : {}),
  };
}

function sandboxIn(env: NodeJS.ProcessEnv, embedded: boolean): boolean {
  const word = env['SANDBOX'] || (embedded ? 'on' : 'off');
  if (word === 'on' || word === 'off') return word === 'on';
  throw new CannotStart(`SANDBOX is "${word}": it takes on or off.`);
}

function portIn(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name] || String(fallback);
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new CannotStart(`${name} is "${text}", which is not a port: it takes a number from 1 to 65535.`);
}
