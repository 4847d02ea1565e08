import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld } from '../../../../test/support/world.js';
import type { World } from '../../../../test/support/world.js';
import { checkConnection } from './check-connection.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ sandbox: { only: ['uds'] } });
});
afterAll(() => world.close());

it('tells the words with which the provider refused', async () => {
  const uds = await world.connect('uds');
  const credentials = { ...uds.credentials, apiKey: 'another' };
  const { check, refusal } = await checkConnection(world.core, { ...uds, credentials });
  const { message } = refusal!.members.provider!;
  expect(message).toBeTruthy();
  expect(check).toMatchObject({ result: 'failed', detail: `UDS refused: ${message}` });
});
