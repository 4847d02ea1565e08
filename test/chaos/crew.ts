import { setTimeout as pause } from 'node:timers/promises';
import type { World } from '../support/world.js';
import { startChild } from './child.js';
import type { Child } from './child.js';

/** The gateway's processes over a world; they are killed now and then and replaced. */
export interface Crew {
  /** The address of the current REST process; waits while there is none. */
  url(): Promise<string>;
  /** Number of processes killed so far. */
  killed(): number;
  /** Kills one of them with SIGKILL at intervals until stopped. */
  kill(everyMs: number, random: () => number): { stop(): Promise<void> };
  close(): Promise<void>;
}

/** Starts a REST process and a worker of the built gateway. */
export async function startCrew(world: World): Promise<Crew> {
  const roles = ['rest', 'worker'] as const;
  const crew = {
    rest: await startChild(world, { role: 'rest' }),
    worker: await startChild(world, { role: 'worker' }),
  };
  let killed = 0;
  const replace = async (role: (typeof roles)[number]) => {
    await end(crew[role], 'SIGKILL');
    killed++;
    crew[role] = await startChild(world, { role });
    await crew[role].ready;
  };
  const kill: Crew['kill'] = (everyMs, random) => {
    const stop = new AbortController();
    const going = (async () => {
      while (!stop.signal.aborted) {
        await pause(everyMs * (0.5 + random()), undefined, { signal: stop.signal }).catch(() => undefined);
        if (!stop.signal.aborted) await replace(roles[random() < 0.5 ? 0 : 1]);
      }
    })();
    return { stop: async () => (stop.abort(), going) };
  };
  await Promise.all(roles.map(role => crew[role].ready));
  return {
    url: async () => (await crew.rest.ready)!,
    killed: () => killed,
    kill,
    close: async () => void (await Promise.all(roles.map(role => end(crew[role], 'SIGTERM')))),
  };
}

async function end(child: Child, signal: NodeJS.Signals): Promise<void> {
  child.signal(signal);
  await child.ended;
}
