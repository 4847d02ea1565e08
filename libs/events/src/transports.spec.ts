import { createEgressGuard, createSender } from '#outbound';
import axios from 'axios';
import { expect, it } from 'vitest';
import { Transports } from './transports.js';

const post = (url: string) => ({ method: 'POST', url, headers: {}, timeoutMs: 60_000 });

/** Transports whose every name is looked up at servers that are silent. */
function withoutAnswers() {
  const asked: string[] = [];
  const resolve = (host: string) => {
    asked.push(host);
    return new Promise<never>(() => undefined);
  };
  const guard = createEgressGuard({ allow: [], resolve });
  const transports = new Transports({
    guard,
    queues: { postgresUrl: 'postgres://unused', schema: 'unused' },
  });
  return { asked, guard, transports };
}

it('many webhooks at one name whose server is silent leave look-ups to those at others', async () => {
  const { asked, transports } = withoutAnswers();
  const hook = (host: string) => transports.sender.send(post(`https://${host}/`));
  const hooks = Array.from({ length: 20 }, () => hook('silent.example'));
  await expect.poll(() => asked).toEqual(['silent.example']);
  hooks.push(hook('sound.example'));
  await expect.poll(() => asked).toEqual(['silent.example', 'sound.example']);
  transports.abort();
  await Promise.all(hooks);
});

it('webhooks at names whose servers are silent leave look-ups to the providers', async () => {
  const { asked, guard, transports } = withoutAnswers();
  const providers = createSender({ guard, axios: axios.create(), connectTimeoutMs: 60_000 });
  const hooks = Array.from({ length: 20 }, (_, n) =>
    transports.sender.send(post(`https://shop-${n}.example/hooks`)),
  );
  const call = providers.send(post('https://provider.example/'));
  await expect.poll(() => asked).toContain('provider.example');
  expect(asked.filter(host => host.startsWith('shop-'))).toHaveLength(8);
  transports.abort();
  providers.close();
  for (const sent of await Promise.all([...hooks, call])) expect(sent).toMatchObject({ kind: 'not-sent' });
});
