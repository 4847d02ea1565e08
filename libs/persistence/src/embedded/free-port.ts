import { once } from 'node:events';
import { createServer } from 'node:net';

// Below what Linux, macOS and Windows hand out by themselves: neither a connection nor a server on "any port" takes
// one of these between our look and its use, or while its server is being restarted.
const LOWEST = 10_000;
const HIGHEST = 32_000;

/** A port of 127.0.0.1 that nobody listened on a moment ago; another process may still take it first. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch (error) {
    if (['EADDRINUSE', 'EACCES'].includes((error as { code?: string }).code ?? '')) return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
