import { Agent as HttpAgent } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import type { Socket, TcpNetConnectOpts } from 'node:net';
import type { EgressGuard } from './egress-guard.js';

/** The two pools of warm sockets that the gateway calls through. */
export interface Agents {
  httpAgent: HttpAgent;
  httpsAgent: HttpsAgent;
  /** Tells of an answer whose body is still to be read: its server may say how long it keeps the socket open. */
  heard(answer: IncomingMessage): void;
  /** Closes idle and busy sockets. */
  close(): void;
}

type Connect = (
  options: TcpNetConnectOpts,
  done: (error: Error | null, socket?: Socket) => void,
) => Socket | undefined;

const POOL = {
  keepAlive: true,
  // As axios sets it for a request: the same again is no call to the system.
  keepAliveMsecs: 60_000,
  // A call that has its slot never stands in a second queue here; only the sockets at rest are bounded.
  maxSockets: Number.POSITIVE_INFINITY,
  maxFreeSockets: 256,
  // Node and Apache close idle sockets after 5 s; a call on a socket that is being closed ends as "we do not know".
  timeout: 4_000,
} as const;

/** A till sells once in a while: a new connection each time costs it two or three ways to the provider and back. */
const LONGEST_IDLE_MS = 60_000;
/** What is used of the time that a server announces, a second less at least; the rest is for clocks, ways and a busy moment. */
const SURE_SHARE = 0.8;

/** Makes the pools; every new socket goes to an address that the guard judged at that moment. `ca` replaces the trusted roots. */
export function createAgents(guard: EgressGuard, ca?: string): Agents {
  const httpAgent = new HttpAgent(POOL);
  const httpsAgent = new HttpsAgent({ ...POOL, ca, rejectUnauthorized: true, minVersion: 'TLSv1.2' });
  guardConnections(httpAgent, guard, false);
  guardConnections(httpsAgent, guard, true);
  const announced = new WeakMap<object, number>();
  keepAsAnnounced(httpAgent, announced);
  keepAsAnnounced(httpsAgent, announced);
  return {
    httpAgent,
    httpsAgent,
    heard({ socket, headers }) {
      const seconds = /(?:^|[,;\s])timeout=(\d{1,9})\b/i.exec(String(headers['keep-alive'] ?? ''))?.[1];
      if (seconds === undefined) announced.delete(socket);
      else announced.set(socket, Number(seconds) * 1_000);
    },
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

/** Lets a socket rest for most of the time that its server announced with the last answer, in place of the pool's own. */
function keepAsAnnounced(agent: HttpAgent, announced: WeakMap<object, number>): void {
  // Documented for overriding, and missing in Node's types.
  const open = agent as unknown as { keepSocketAlive(socket: Socket): boolean };
  const keep = open.keepSocketAlive.bind(agent);
  open.keepSocketAlive = socket => {
    const kept = keep(socket);
    const ms = announced.get(socket);
    if (!kept || ms === undefined) return kept;
    const rest = Math.min(ms * SURE_SHARE, ms - 1_000, LONGEST_IDLE_MS);
    // Below zero a socket throws where nobody catches it; zero is "for ever".
    if (rest > 0) socket.setTimeout(rest);
    return rest > 0;
  };
}

function guardConnections(agent: HttpAgent, guard: EgressGuard, secure: boolean): void {
  const open = agent as unknown as { createConnection: Connect };
  const connect = open.createConnection.bind(agent);
  open.createConnection = (options, done) => {
    const host = options.host ?? '';
    const destination = { host, port: Number(options.port), secure };
    try {
      if (isIP(host) !== 0) guard.checkAddress(host, destination);
    } catch (error) {
      // Later, so that the request exists that has to be told.
      process.nextTick(done, error);
      return undefined;
    }
    return connect({ ...options, lookup: guard.lookup(destination) }, done);
  };
}
