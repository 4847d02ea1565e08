import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Adapter } from '#adapter-kit';
import { dialectsOf } from '#adapter-kit/testing';
import type { Cast } from '#adapter-kit/testing';
import { registry } from '#adapters';
import type { OperationKind } from '#canonical';
import { startWorkers } from '#outbound';
import type { Workers } from '#outbound';
import { startGateway } from '../../support/gateway.js';
import type { TestGateway } from '../../support/gateway.js';
import { startWorld } from '../../support/world.js';
import type { World } from '../../support/world.js';
import { Till } from './till.js';

// Advisory holds are enabled, so that they run the same scenarios.
const settings: Record<string, unknown> = { advisoryHolds: true };

export const rub = (amount: string) => ({ amount, currency: 'RUB' });
export const adapterOf = (provider: string): Adapter => registry[provider]!.adapter;

/** The providers that declare a capability, with the scenarios' settings. */
export function whoCan(kind: OperationKind): string[] {
  const able = ({ operations }: Adapter) => {
    const answer = operations[kind];
    return answer.support !== 'no' && answer.traits.unless?.(settings) === undefined;
  };
  return Object.keys(registry).filter(provider => able(adapterOf(provider)));
}

/** The same for each dialect of their simulators: `[provider, dialect]`. */
export async function whereCan(kind: OperationKind): Promise<[provider: string, dialect: string][]> {
  const spoken = await Promise.all(
    whoCan(kind).map(async provider => {
      const dialects = Object.keys(dialectsOf(await registry[provider]!.simulator()));
      return dialects.map((dialect): [string, string] => [provider, dialect]);
    }),
  );
  return spoken.flat();
}

/** A gateway over the sandbox, with new ledgers for each test. */
export class ScenarioStage {
  world!: World;
  #gateway!: TestGateway;
  #workers!: Workers;

  /** Registers the hooks of the file. */
  constructor() {
    beforeAll(async () => {
      this.world = await startWorld({ sandbox: { options: { recreativ: { referrals: 0 } } } });
      this.#workers = startWorkers(this.world.core, this.world.queues);
      this.#gateway = await startGateway(this.world);
    });
    afterAll(async () => {
      await this.#gateway.close();
      await this.#workers.close();
      await this.world.close();
    });
    beforeEach(() => this.world.control('reset', {}));
  }

  /** A till at a new connection and the provider's test data; in the provider's default dialect unless given. */
  async enter<Part extends keyof Cast>(
    provider: string,
    part: Part,
    dialect?: string,
  ): Promise<{ till: Till; part: NonNullable<Cast[Part]> }> {
    const simulator = await registry[provider]!.simulator();
    const options = dialect === undefined ? undefined : dialectsOf(simulator)[dialect];
    if (options) await this.world.control('reset', { provider, options });
    const found = simulator.cast?.[part];
    if (!found) throw new Error(`The simulator of ${provider} needs "${part}" in its cast.`);
    const connection = await this.world.connect(provider, settings);
    return { till: new Till(this.world, this.#gateway, connection), part: found };
  }
}
