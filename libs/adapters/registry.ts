import type { Adapter } from '#adapter-kit';
import type { SimulatorFactory } from '#adapter-kit/testing';
import { loyalclient } from './loyalclient/loyalclient.adapter.js';
import { pp } from './pp/pp.adapter.js';
import { recca } from './recca/recca.adapter.js';
import { recreativ } from './recreativ/recreativ.adapter.js';
import { uds } from './uds/uds.adapter.js';

/** A provider's line in the registry: its adapter, and its simulator, which only the sandbox loads. */
export interface Registration {
  adapter: Adapter;
  simulator(): Promise<SimulatorFactory>;
}

/** All providers of the gateway; a new one is a folder and a line here. */
export const registry: Record<string, Registration> = {
  uds: { adapter: uds, simulator: async () => (await import('./uds/simulator.js')).udsSimulator },
  loyalclient: {
    adapter: loyalclient,
    simulator: async () => (await import('./loyalclient/simulator.js')).loyalclientSimulator,
  },
  recreativ: {
    adapter: recreativ,
    simulator: async () => (await import('./recreativ/simulator.js')).recreativSimulator,
  },
  pp: { adapter: pp, simulator: async () => (await import('./pp/simulator.js')).ppSimulator },
  recca: { adapter: recca, simulator: async () => (await import('./recca/simulator.js')).reccaSimulator },
};
