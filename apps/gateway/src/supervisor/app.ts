import { fork } from 'node:child_process';
import { once } from 'node:events';

const GRACE_MS = 10_000;

/** One of our own processes. */
export interface App {
  name: string;
  /** Fulfilled with a message if it ends without being stopped. */
  ended: Promise<string>;
  /** Lets it finish its work, for at most ten seconds. */
  stop(): Promise<void>;
  /** Kills it. */
  kill(): void;
}

/** Starts a compiled app as a child process with our output. */
export function startApp(name: string, file: string, env: NodeJS.ProcessEnv): App {
  const child = fork(file, [], {
    env,
    execArgv: ['--enable-source-maps', '--import', import.meta.resolve('./leash.js')],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Its own session: Ctrl-C reaches only the supervisor, which stops the apps in order.
    detached: true,
  });
  let stopping = false;
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const ended = new Promise<string>(resolve => {
    void exit.then(([code, signal]) => {
      const how = signal ? `was killed by ${signal}` : `ended with exit code ${code}`;
      if (!stopping) resolve(`The ${name} ${how}; see its output above.`);
    });
  });
  const stop = async () => {
    stopping = true;
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await exit;
    clearTimeout(late);
  };
  return { name, ended, stop, kill: () => void child.kill('SIGKILL') };
}
