import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import type { Socket, TcpNetConnectOpts } from 'node:net';
import type { EgressGuard } from './egress-guard.js';

/** The two pools of warm sockets that the gateway calls through. */
export interface Agents {
  httpAgent: HttpAgent;
  httpsAgent: HttpsAgent;
  /** Closes idle and busy sockets. */
  close(): void;
}

type Connect = (
  options: TcpNetConnectOpts,
  done: (error: Error | null, socket?: Socket) => void,
) => Socket | undefined;

const POOL = {
  keepAlive: true,
  // A call that has its slot never stands in a second queue here; only the sockets at rest are bounded.
  maxSockets: Number.POSITIVE_INFINITY,
  maxFreeSockets: 256,
  // Node and Apache close idle sockets after 5 s; a call on a socket that is being closed ends as "we do not know".
  timeout: 4_000,
} as const;

/** Makes the pools; every new socket goes to an address that the guard judged at that moment. `ca` replaces the trusted roots. */
export function createAgents(guard: EgressGuard, ca?: string): Agents {
  const httpAgent = new HttpAgent(POOL);
  const httpsAgent = new HttpsAgent({ ...POOL, ca, rejectUnauthorized: true, minVersion: 'TLSv1.2' });
  guardConnections(httpAgent, guard, false);
  guardConnections(httpsAgent, guard, true);
  return {
    httpAgent,
    httpsAgent,
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
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
