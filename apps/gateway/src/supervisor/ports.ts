import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { CannotStart } from '#persistence/embedded';

/** Throws CannotStart, naming the variable, when a port cannot be listened on. */
export async function claimable(variable: string, host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    throw new CannotStart(whyNot(error as NodeJS.ErrnoException, variable, host, port));
  }
  server.close();
  await once(server, 'close');
}

const notOurs = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EINVAL']);

function whyNot({ code = '', message }: NodeJS.ErrnoException, variable: string, host: string, port: number) {
  if (notOurs.has(code)) return `HOST is "${host}", which is no address of this machine (${message}).`;
  const why = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${message})`;
  return `Port ${port} of ${host} ${why}: set ${variable} to another one.`;
}

/** Asks an address until it answers 2xx; false when the wait was called off. */
export async function untilReady(url: string, over: AbortSignal): Promise<boolean> {
  while (!over.aborted) {
    if (await ready(url)) return true;
    await pause(100);
  }
  return false;
}

async function ready(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
