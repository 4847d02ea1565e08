import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { SimulatorFactory } from '#adapter-kit/testing';
import { isControl, serveControl } from './control/control-face.js';
import { FaultRules } from './faults/fault-rules.js';
import { Journal } from './journal.js';
import { Port } from './port.js';
import { serveProvider } from './provider-face.js';
import { RateLaw, limitsOf } from './rate-law.js';
import type { RateChoice } from './rate-law.js';
import { SandboxClock } from './sandbox-clock.js';
import type { Scene } from './scene.js';
import { Stage } from './stage.js';
import type { SimulatorOptions } from './stage.js';

/** How a sandbox is started; everything has a default. */
export interface SandboxChoice {
  /** 0 (the default) takes any free port. */
  port?: number;
  /** 127.0.0.1 by default. */
  host?: string;
  /** Serves these providers alone. */
  only?: string[];
  /** Options of the simulators, by provider. */
  options?: SimulatorOptions;
  /** Which providers answer 429 above their rate; Recreativ does by default, all are recorded. */
  rateLimit?: RateChoice;
  /** Real time in milliseconds since 1970, for tests that hold it still. */
  clock?: () => number;
  /** From where a ledger that begins, or begins afresh, counts the ids that it gives; 0 by default, so that runs are alike. */
  firstNumber?: () => number;
  /** Makes the draws of the faults repeatable. */
  seed?: number;
  /** A second port for `/__sim` alone, which stays when the first one refuses connections; 0 = any free one. */
  controlPort?: number;
  /** Takes these instead of the registry's. */
  simulators?: SimulatorFactory[];
}

/** A running sandbox. */
export interface Sandbox {
  url: string;
  port: number;
  /** Where `/__sim` is reached also while the port refuses connections; the same as `url` without a control port. */
  controlUrl: string;
  /** The base URL of a connection to this provider. */
  baseUrl(provider: string): string;
  close(): Promise<void>;
}

/** Starts the sandbox: every provider of the registry played on one port, with its journal and its faults. */
export async function startSandbox(choice: SandboxChoice = {}): Promise<Sandbox> {
  const { host = '127.0.0.1', controlPort } = choice;
  const server = createServer(PATIENT);
  const scene = await sceneOf(choice, new Port(server, { port: choice.port ?? 0, host }));
  serve(server, everything(scene));
  server.on('connection', socket => scene.rules.drawRefused() && socket.resetAndDestroy());
  await scene.port.listen();
  const aside =
    controlPort === undefined ? undefined : await controlAside(scene, { port: controlPort, host });
  return {
    url: scene.port.url,
    port: scene.port.number,
    controlUrl: (aside ?? scene.port).url,
    baseUrl: provider => `${scene.port.url}${scene.stage.player(provider)?.mount ?? `/${provider}`}`,
    close: async () => {
      scene.clock.forget();
      await Promise.all([scene.port.end(), aside?.end()]);
    },
  };
}

async function sceneOf(choice: SandboxChoice, port: Port): Promise<Scene> {
  const factories = (choice.simulators ?? (await registered())).filter(
    ({ provider }) => choice.only?.includes(provider) ?? true,
  );
  return {
    stage: new Stage(factories, choice.options, choice.firstNumber),
    journal: new Journal(),
    rules: new FaultRules(choice.seed),
    rate: new RateLaw(limitsOf(choice.rateLimit)),
    clock: new SandboxClock(choice.clock ?? (() => performance.timeOrigin + performance.now())),
    port,
  };
}

async function registered(): Promise<SimulatorFactory[]> {
  const { registry } = await import('#adapters');
  return Promise.all(Object.values(registry).map(({ simulator }) => simulator()));
}

type Serve = (incoming: IncomingMessage, response: ServerResponse) => Promise<void>;

function everything(scene: Scene): Serve {
  const used = new WeakSet<object>();
  return (incoming, response) => {
    const reused = used.has(incoming.socket);
    used.add(incoming.socket);
    // While the port is shut, a connection that is still open must not serve as a way around it.
    if (!scene.port.open) response.shouldKeepAlive = false;
    if (isControl(incoming.url ?? '/')) return serveControl(scene, incoming, response);
    return serveProvider(scene, { incoming, response, reused });
  };
}

async function controlAside(scene: Scene, at: { port: number; host: string }): Promise<Port> {
  const server = createServer(PATIENT);
  serve(server, (incoming, response) => serveControl(scene, incoming, response));
  const port = new Port(server, at);
  await port.listen();
  return port;
}

// Longer than any client keeps a socket: a connection is closed at reuse only where a fault says so.
const PATIENT = { keepAliveTimeout: 120_000, requestTimeout: 0 };

function serve(server: Server, answer: Serve): void {
  server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
    answer(incoming, response).catch((error: unknown) => {
      console.error('sandbox:', error);
      incoming.socket.destroy();
    });
  });
}
