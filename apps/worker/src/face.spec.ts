import { freePort } from '#persistence/embedded';
import { expect, it, onTestFinished } from 'vitest';
import { Face } from './face.js';

it('is not ready while its sweep does not go through, and is again after the next one', async () => {
  const port = await freePort();
  const face = new Face();
  await face.open(port, '127.0.0.1');
  onTestFinished(() => face.close());
  let away = '';
  // Postgres's clock, ten minutes behind this host's.
  const now = () => new Date(Date.now() - 600_000);
  const operations = { sweptAt: now().getTime() };
  face.show({
    stores: { look: async () => away } as never,
    metrics: undefined as never,
    operations,
    now,
    stopping: new AbortController().signal,
  });
  const ready = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    return [answer.status, await answer.json()];
  };

  expect(await ready()).toEqual([200, { status: 'ok' }]);
  operations.sweptAt -= 90_000;
  expect(await ready()).toEqual([
    503,
    { detail: expect.stringMatching(/^Not ready: its last sweep ended 9\d s ago\.$/) },
  ]);
  // What keeps it from sweeping is told first.
  away = 'Postgres (DATABASE_URL)';
  expect(await ready()).toEqual([503, { detail: 'Not ready: Postgres (DATABASE_URL) cannot be used.' }]);
  away = '';
  operations.sweptAt = now().getTime();
  expect(await ready()).toEqual([200, { status: 'ok' }]);
});
