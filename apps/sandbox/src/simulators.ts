import type { Simulator, SimulatorFactory } from '#adapter-kit/testing';

/** A provider that the sandbox serves, with its current simulator. */
export interface ServedSimulator {
  factory: SimulatorFactory;
  simulator: Simulator;
  /** Where it is served: `/uds/partner/v2`. */
  mount: string;
}

/** Options of the simulators by provider. */
export type SimulatorOptions = Record<string, unknown>;

/** The simulators of all served providers, by path and by name. */
export class Simulators {
  readonly #served = new Map<string, ServedSimulator>();
  readonly #options: SimulatorOptions;

  constructor(
    factories: SimulatorFactory[],
    options: SimulatorOptions = {},
    /** Where the ids of a ledger that begins now start counting. */
    private readonly firstNumber: () => number = () => 0,
  ) {
    this.#options = { ...options };
    for (const factory of factories) {
      const { provider, basePath } = factory;
      const simulator = factory.create(options[provider], firstNumber());
      this.#served.set(provider, { factory, simulator, mount: `/${provider}${basePath}` });
    }
  }

  all(): ServedSimulator[] {
    return [...this.#served.values()];
  }

  find(provider: string): ServedSimulator | undefined {
    return this.#served.get(provider);
  }

  /** The simulator that serves this path, and the rest of the path below its mount. */
  at(path: string): { served: ServedSimulator; below: string } | undefined {
    const served = this.#served.get(path.split('/')[1] ?? '');
    if (!served || (path !== served.mount && !path.startsWith(`${served.mount}/`))) return undefined;
    return { served, below: path.slice(served.mount.length) };
  }

  /** The ledgers of one provider, or of all, by provider name. */
  state(provider?: string): Record<string, unknown> {
    const asked = this.all().filter(({ factory }) => !provider || factory.provider === provider);
    return Object.fromEntries(asked.map(({ factory, simulator }) => [factory.provider, simulator.state()]));
  }

  /** Resets the ledger of one provider, or of all; new options stay in force until they are replaced. */
  reset(provider?: string, options?: unknown): void {
    for (const served of this.all()) {
      const { provider: name } = served.factory;
      if (provider !== undefined && provider !== name) continue;
      if (options !== undefined) this.#options[name] = options;
      served.simulator = served.factory.create(this.#options[name], this.firstNumber());
    }
  }
}
