import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { CannotStart } from '#persistence/embedded';
import { callableHost, withPort } from '../settings-rules.js';

/** The address that HOST means. A name is looked up once: the processes must not listen on one of its addresses and call another. */
export async function listenAddress(host: string): Promise<string> {
  try {
    return (await lookup(host, { order: 'ipv4first' })).address;
  } catch (error) {
    throw new CannotStart(notHere(host, (error as Error).message));
  }
}

/** Throws CannotStart, naming the variable, if a port cannot be listened on. */
export async function claimable(variable: string, host: string, port: number): Promise<void> {
  const server = createServer();
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    const fault = error as NodeJS.ErrnoException;
    if (fault.code !== 'EADDRINUSE') throw new CannotStart(whyNot(fault, variable, host, port));
    throw new CannotStart(await whoHas(variable, host, port));
  }
  server.close();
  await once(server, 'close');
}

const PATIENCE_MS = 3_000;

/** Throws CannotStart if nothing listens at REDIS_URL. Only a start is refused: later the apps wait until their Redis is back. */
export async function reachable(redisUrl: string): Promise<void> {
  const { hostname, port, host } = new URL(redisUrl);
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) });
  const late = new Error(`no answer within ${PATIENCE_MS} ms`);
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(late));
  try {
    await once(socket, 'connect');
  } catch (error) {
    // A name with several addresses fails with an empty message.
    const { message, code = '' } = error as NodeJS.ErrnoException;
    throw new CannotStart(
      `Redis cannot be reached at ${host} (${message || code}): start it, or correct REDIS_URL.`,
    );
  } finally {
    socket.destroy();
  }
}

const notOurs = new Set(['EADDRNOTAVAIL', 'EINVAL']);

const notHere = (host: string, message: string) =>
  `HOST is "${host}", which is not an address of this machine (${message}).`;

function whyNot({ code = '', message }: NodeJS.ErrnoException, variable: string, host: string, port: number) {
  if (notOurs.has(code)) return notHere(host, message);
  return `Port ${port} of ${host} cannot be used (${message}): set ${variable} to another one.`;
}

// Most often it is the start before this one, in another window.
async function whoHas(variable: string, host: string, port: number): Promise<string> {
  const taken = `Port ${port} of ${host} is taken by`;
  return (await isGateway(`${addressOf(host, port)}/healthz`))
    ? `${taken} a gateway that is already running: stop it, or set ${variable} to another one.`
    : `${taken} another program: set ${variable} to another one.`;
}

async function isGateway(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000), redirect: 'error' });
    await response.body?.cancel();
    // Many programs are healthy; only a gateway says how long itself took.
    return response.headers.get('server-timing')?.startsWith('gateway;') ?? false;
  } catch {
    return false;
  }
}

/** Where to call what listens there. */
export function addressOf(host: string, port: number): string {
  return `http://${withPort(callableHost(host), port)}`;
}

/** Polls an address until it answers 2xx; false if aborted. */
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
