import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { service } from '../support/service.js';
import type { World } from '../support/world.js';

/** A write, as passed to a child process. */
export interface ChildWrite {
  kind: 'purchase' | 'refund';
  body: unknown;
  params?: Record<string, string>;
  key: string;
  waitMs: number;
}

/** What a child does, and where it kills itself. */
export interface ChildTask {
  role: 'api' | 'rest' | 'worker';
  connectionId?: string;
  writes?: ChildWrite[];
  /** Reconciles lost answers itself. */
  probe?: boolean;
  /** Reads the company's settings before its writes. */
  headStart?: boolean;
  crashAt?: string;
}

/** A process of the built gateway. */
export interface Child {
  /** Resolves when it is up, with its address if it has one. */
  ready: Promise<string | undefined>;
  /** Keys of the writes that it answered. */
  acknowledged: Set<string>;
  /** The signal that ended it; null = it exited by itself. */
  ended: Promise<NodeJS.Signals | null>;
  signal(name: NodeJS.Signals): void;
}

/** Starts a process from the built tree over a world's stores. */
export async function startChild(world: World, task: ChildTask): Promise<Child> {
  await service('build');
  const { crashAt, ...told } = task;
  const { log: _, masterKey, ...settings } = world.settings;
  const chaos = { ...told, settings: { ...settings, masterKey: masterKey.toString('base64') } };
  const script = join(import.meta.dirname, 'process.mjs');
  const child = spawn(process.execPath, ['--conditions=crash-test', script], {
    env: { ...process.env, CHAOS: JSON.stringify(chaos), CRASH_AT: crashAt ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged = new Set<string>();
  const ended = once(child, 'close').then(([, signal]) => signal as NodeJS.Signals | null);
  const ready = new Promise<string | undefined>((resolve, reject) => {
    createInterface(child.stdout).on('line', line => {
      const said = JSON.parse(line) as { ready?: true; url?: string; acknowledged?: string };
      if (said.ready) resolve(said.url);
      if (said.acknowledged) acknowledged.add(said.acknowledged);
    });
    void ended.then(() => reject(new Error('The process ended before it was up.')));
  });
  ready.catch(() => undefined);
  return { ready, acknowledged, ended, signal: name => child.kill(name) };
}
