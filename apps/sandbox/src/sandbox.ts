import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { SimulatorFactory } from '#adapter-kit/testing';
import { isControl, serveControl } from './control/control-server.js';
import { FaultRules } from './faults/fault-rules.js';
import { Journal } from './journal.js';
import { Port } from './port.js';
import { serveProvider } from './provider-server.js';
import { RateLimiter, limitsOf } from './rate-limiter.js';
import type { RateChoice } from './rate-limiter.js';
import { SandboxClock } from './sandbox-clock.js';
import type { SandboxContext } from './context.js';
import { Simulators } from './simulators.js';
import type { SimulatorOptions } from './simulators.js';

/** Options for starting a sandbox; everything has a default. */
export interface SandboxOptions {
  /** 0 (the default) takes any free port. */
  port?: number;
  /** 127.0.0.1 by default. */
  host?: string;
  /** Serves only these providers. */
  only?: string[];
  /** Options of the simulators, by provider. */
  options?: SimulatorOptions;
  /** Which providers answer 429 above their rate; only Recreativ by default. All rates are recorded. */
  rateLimit?: RateChoice;
  /** Real time in milliseconds since 1970; tests may freeze it. */
  clock?: () => number;
  /** Where the ids of a new or reset ledger start counting; 0 by default, so that runs are alike. */
  firstNumber?: () => number;
  /** Makes random faults repeatable. */
  seed?: number;
  /** A second port for `/__sim` only, which stays open while the first refuses connections; 0 = any free port. */
  controlPort?: number;
  /** Serves these simulators instead of the registry's. */
  simulators?: SimulatorFactory[];
}

/** A running sandbox. */
export interface Sandbox {
  url: string;
  port: number;
  /** Where `/__sim` can be reached even while the port refuses connections; equals `url` without a control port. */
  controlUrl: string;
  /** The base URL of a connection to this provider. */
  baseUrl(provider: string): string;
  close(): Promise<void>;
}

/** Starts the sandbox: simulators of all registered providers on one port, with a journal and faults. */
export async function startSandbox(choice: SandboxOptions = {}): Promise<Sandbox> {
  const { host = '127.0.0.1', controlPort } = choice;
  const server = createServer(SERVER_OPTIONS);
  const context = await createContext(choice, new Port(server, { port: choice.port ?? 0, host }));
  serve(server, dispatcher(context));
  server.on('connection', socket => context.rules.drawRefused() && socket.resetAndDestroy());
  await context.port.listen();
  const control =
    controlPort === undefined ? undefined : await openControlPort(context, { port: controlPort, host });
  return {
    url: context.port.url,
    port: context.port.number,
    controlUrl: (control ?? context.port).url,
    baseUrl: provider => `${context.port.url}${context.simulators.find(provider)?.mount ?? `/${provider}`}`,
    close: async () => {
      context.clock.forget();
      await Promise.all([context.port.end(), control?.end()]);
    },
  };
}

async function createContext(choice: SandboxOptions, port: Port): Promise<SandboxContext> {
  const factories = (choice.simulators ?? (await registered())).filter(
    ({ provider }) => choice.only?.includes(provider) ?? true,
  );
  return {
    simulators: new Simulators(factories, choice.options, choice.firstNumber),
    journal: new Journal(),
    rules: new FaultRules(choice.seed),
    rate: new RateLimiter(limitsOf(choice.rateLimit)),
    clock: new SandboxClock(choice.clock ?? (() => performance.timeOrigin + performance.now())),
    port,
  };
}

async function registered(): Promise<SimulatorFactory[]> {
  const { registry } = await import('#adapters');
  return Promise.all(Object.values(registry).map(({ simulator }) => simulator()));
}

type Serve = (incoming: IncomingMessage, response: ServerResponse) => Promise<void>;

function dispatcher(context: SandboxContext): Serve {
  const used = new WeakSet<object>();
  return (incoming, response) => {
    const reused = used.has(incoming.socket);
    used.add(incoming.socket);
    // While the port is shut, a connection that is still open must not serve as a way around it.
    if (!context.port.open) response.shouldKeepAlive = false;
    if (isControl(incoming.url ?? '/')) return serveControl(context, incoming, response);
    return serveProvider(context, { incoming, response, reused });
  };
}

async function openControlPort(context: SandboxContext, at: { port: number; host: string }): Promise<Port> {
  const server = createServer(SERVER_OPTIONS);
  serve(server, (incoming, response) => serveControl(context, incoming, response));
  const port = new Port(server, at);
  await port.listen();
  return port;
}

// Longer than any client keeps a socket: a connection is closed at reuse only where a fault says so.
const SERVER_OPTIONS = { keepAliveTimeout: 120_000, requestTimeout: 0 };

function serve(server: Server, answer: Serve): void {
  server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
    answer(incoming, response).catch((error: unknown) => {
      console.error('sandbox:', error);
      incoming.socket.destroy();
    });
  });
}
