import type { Simulator, SimulatorFactory } from '#adapter-kit/testing';

/** A provider on stage: its factory and the simulator that plays now. */
export interface Player {
  factory: SimulatorFactory;
  simulator: Simulator;
  /** Where it is served: `/uds/partner/v2`. */
  mount: string;
}

/** Options of the simulators by provider. */
export type SimulatorOptions = Record<string, unknown>;

/** All providers that are played. */
export class Stage {
  readonly #players = new Map<string, Player>();
  readonly #options: SimulatorOptions;

  constructor(
    factories: SimulatorFactory[],
    options: SimulatorOptions = {},
    /** From where a ledger that begins now counts the ids that it gives. */
    private readonly firstNumber: () => number = () => 0,
  ) {
    this.#options = { ...options };
    for (const factory of factories) {
      const { provider, basePath } = factory;
      const simulator = factory.create(options[provider], firstNumber());
      this.#players.set(provider, { factory, simulator, mount: `/${provider}${basePath}` });
    }
  }

  players(): Player[] {
    return [...this.#players.values()];
  }

  player(provider: string): Player | undefined {
    return this.#players.get(provider);
  }

  /** Who is served at this path, and the rest of the path below the mount. */
  at(path: string): { player: Player; below: string } | undefined {
    const player = this.#players.get(path.split('/')[1] ?? '');
    if (!player || (path !== player.mount && !path.startsWith(`${player.mount}/`))) return undefined;
    return { player, below: path.slice(player.mount.length) };
  }

  /** The ledgers of one provider, or of all, by name. */
  state(provider?: string): Record<string, unknown> {
    const asked = this.players().filter(({ factory }) => !provider || factory.provider === provider);
    return Object.fromEntries(asked.map(({ factory, simulator }) => [factory.provider, simulator.state()]));
  }

  /** Starts the ledger of one provider, or of all, afresh; new options stay until the next ones. */
  reset(provider?: string, options?: unknown): void {
    for (const player of this.players()) {
      const { provider: name } = player.factory;
      if (provider !== undefined && provider !== name) continue;
      if (options !== undefined) this.#options[name] = options;
      player.simulator = player.factory.create(this.#options[name], this.firstNumber());
    }
  }
}
