import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A fixed port in front of a server that may restart at another one. */
export interface Gate {
  port: number;
  /** Cuts all connections and refuses new ones. */
  shut(): void;
  /** Forwards connections to this port of 127.0.0.1. */
  open(target: number): void;
  close(): Promise<void>;
}

/** Opens a gate to a server. */
export async function openGate(first: number): Promise<Gate> {
  const sockets = new Set<Socket>();
  let target: number | undefined = first;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer(near => {
    keep(near);
    if (target === undefined) return void near.resetAndDestroy();
    const far = keep(connect(target, '127.0.0.1'));
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const shut = () => {
    target = undefined;
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    shut,
    open: port => (target = port),
    close: async () => {
      server.close();
      shut();
      await once(server, 'close');
    },
  };
}
