import { startWorkers } from '#outbound';
import { startGateway } from './gateway.js';
import type { TestGateway } from './gateway.js';
import { startWorld } from './world.js';
import type { World } from './world.js';

/** A world and a gateway over it. */
export interface Stack {
  world: World;
  gateway: TestGateway;
  close(): Promise<void>;
}

/** Starts a world and its gateway, with the background workers of `outbound` on request. */
export async function startStack(
  options: Parameters<typeof startWorld>[0] & { workers?: boolean } = {},
): Promise<Stack> {
  const world = await startWorld(options);
  const workers = options.workers ? startWorkers(world.core, world.queues) : undefined;
  const gateway = await startGateway(world);
  return {
    world,
    gateway,
    close: async () => {
      await gateway.close();
      await workers?.close();
      await world.close();
    },
  };
}
