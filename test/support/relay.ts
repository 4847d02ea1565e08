import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP relay that can delay or drop a server's answers, and keep questions from it. */
export interface Relay {
  port: number;
  /** Delays later answers by so many milliseconds; Infinity drops them. */
  slow(ms: number): void;
  /** Keeps later questions from the server, as if it stood still; false = hands them over. */
  hold(on: boolean): void;
  /** Number of delayed answers. */
  slowed(): number;
  /** Closes open connections; new ones are accepted. */
  cut(): void;
  /** Leads new connections to another port; open ones stay. */
  lead(target: number): void;
  /** Answers new connections with these bytes, and closes them; `undefined` = leads them on again. */
  refuse(answer: Buffer | undefined): void;
  /** Number of refused connections. */
  refused(): number;
  close(): Promise<void>;
}

/** Opens a relay to a port of 127.0.0.1; `port` = reuse the port of a closed relay. */
export async function openRelay(target: number, port = 0): Promise<Relay> {
  const sockets = new Set<Socket>();
  let toPort = target;
  let delayMs = 0;
  let slowed = 0;
  let held: (() => void)[] | undefined;
  let refusal: Buffer | undefined;
  let refused = 0;
  const keep = (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
    return socket;
  };
  const server = createServer(near => {
    if (refusal) {
      const answer = refusal;
      refused++;
      return void keep(near).once('data', () => near.end(answer));
    }
    const far = keep(connect(toPort, '127.0.0.1'));
    keep(near).on('data', sent => {
      if (held) held.push(() => far.write(sent));
      else far.write(sent);
    });
    far.on('data', answer => {
      if (delayMs === 0) return void near.write(answer);
      slowed++;
      if (delayMs < Infinity) setTimeout(() => near.write(answer), delayMs);
    });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }).listen(port, '127.0.0.1');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    slow: ms => (delayMs = ms),
    hold: on => {
      for (const handOver of held ?? []) handOver();
      held = on ? [] : undefined;
    },
    slowed: () => slowed,
    cut,
    lead: port => (toPort = port),
    refuse: answer => (refusal = answer),
    refused: () => refused,
    close: async () => {
      server.close();
      cut();
    },
  };
}
