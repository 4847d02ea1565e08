import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { freePort } from '#persistence/embedded';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSupervised } from '../support/supervised.js';
import type { Supervised } from '../support/supervised.js';

const root = join(import.meta.dirname, '../..');
const hasPython = spawnSync('python3', ['--version']).status === 0;

interface Ran {
  code: number | null;
  said: string;
}

describe('the examples, against a gateway started like `npm start`', { timeout: 180_000 }, () => {
  let all: Supervised;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    all = await startSupervised();
    // What `npm start` was given: the examples find it by the same variables.
    env = { PATH: process.env['PATH'], DATA_DIR: all.dataDir, PORT: new URL(all.url).port };
  }, 180_000);
  afterAll(() => all.close());

  async function run(file: string, words: string[], more: NodeJS.ProcessEnv = {}): Promise<Ran> {
    const options = { cwd: root, env: { ...env, ...more } };
    const program = file.endsWith('.py') ? 'python3' : process.execPath;
    const child = spawn(program, [join(root, 'examples', file), ...words], options);
    let said = '';
    child.stdout.on('data', chunk => (said += chunk));
    child.stderr.on('data', chunk => (said += chunk));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, said };
  }

  async function faults(rules: object[]): Promise<void> {
    const body = JSON.stringify(rules.map(rule => ({ provider: 'uds', ...rule })));
    expect((await fetch(`${all.sandbox}/__sim/faults`, { method: 'POST', body })).status).toBeLessThan(300);
  }

  async function gateway(path: string, method = 'GET'): Promise<Response> {
    const key = (await readFile(join(all.dataDir, 'demo-key'), 'utf8')).trim();
    const headers = { authorization: `Bearer ${key}`, 'gateway-connection': 'uds' };
    return fetch(`${all.url}/v1/${path}`, { method, headers });
  }

  async function purchase(reference: string): Promise<{ state: string; operationId: string } | undefined> {
    const answer = await gateway(`purchases?merchantReference=${reference}`);
    const { data } = (await answer.json()) as { data: { state: string; operationId: string }[] };
    return data[0];
  }

  async function effects(provider: string, key: string): Promise<string[]> {
    const answer = await fetch(`${all.sandbox}/__sim/journal?provider=${provider}&effects=true`);
    const { data } = (await answer.json()) as { data: { effect: { type: string; key?: string } }[] };
    return data.flatMap(({ effect }) => (effect.key === key ? [effect.type] : []));
  }

  it('sells, holds and refunds at the till, and does not sell a repeated receipt', async () => {
    const first = await run('pos-rest/till.js', ['--receipt', 'till-117', '--language', 'en']);
    expect(first).toMatchObject({ code: 0 });
    expect(first.said).toContain('Customer: Анна Смирнова, Золото, points: 928.5');
    expect(first.said).toMatch(/Refused: .+ \(redeem-limit-exceeded\)/);
    expect(first.said).toContain('Sold: to pay 900.00 RUB, redeemed 100, earned 90');
    expect(first.said).toContain('Refund of 1000.00 RUB: give back 900.00 RUB');
    expect(first.said).toMatch(/Points held: 10, until \d{4}-/);
    expect(first.said).toContain('Sold: to pay 490.00 RUB, redeemed 10, earned 0');

    const again = await run('pos-rest/till.js', ['--receipt', 'till-117']);
    expect(again).toMatchObject({ code: 0 });
    expect(again.said).toContain('Продано (уже было проведено): к оплате 900.00 RUB');
    expect(await effects('uds', 'till-117')).toEqual(['purchase']);
  });

  it('asks what became of a sale whose code has ended meanwhile', async () => {
    const words = ['--receipt', 'till-118', '--language', 'en'];
    await faults([
      { method: 'POST', pathPattern: '^/operations$', fault: 'commit-then-reset' },
      { method: 'GET', pathPattern: '^/operations', fault: '500-without-commit' },
    ]);
    const lost = await run('pos-rest/till.js', words);
    expect(lost.said).toMatch(/Nobody knows yet whether it went through \(opr_\w+\)/);

    const body = { errorCode: 'notFound', message: 'Not found' };
    await faults([{ pathPattern: '^/customers/find$', fault: 'refusal-200', params: { body } }]);
    const asked = await run('pos-rest/till.js', words);
    expect(asked).toEqual({
      code: 1,
      said: expect.stringMatching(/Nobody knows yet .+ --receipt till-118\n$/),
    });

    await fetch(`${all.sandbox}/__sim/faults`, { method: 'DELETE' });
    await faults([{ pathPattern: '^/customers/find$', fault: 'refusal-200', params: { body } }]);
    const { operationId } = (await purchase('till-118'))!;
    const look = async () => {
      await gateway(`operations/${operationId}/reconcile`, 'POST');
      return purchase('till-118');
    };
    await expect.poll(look).toMatchObject({ state: 'succeeded' });
    const known = await run('pos-rest/till.js', words);
    await fetch(`${all.sandbox}/__sim/faults`, { method: 'DELETE' });
    expect(known).toMatchObject({ code: 0 });
    expect(known.said).toContain('Sold (was booked before): to pay 900.00 RUB, redeemed 100, earned 90');
    expect(known.said).toContain('Refund of 1000.00 RUB: give back 900.00 RUB');
    expect(await effects('uds', 'till-118')).toEqual(['purchase']);
  });

  it('tells the cashier when there is no gateway, and exits', async () => {
    const { code, said } = await run('pos-rest/till.js', [], {
      GATEWAY_URL: `http://127.0.0.1:${await freePort()}`,
    });
    expect(code).toBe(1);
    expect(said).toContain('Шлюз не отвечает по адресу http://127.0.0.1:');
  });

  it.skipIf(!hasPython)('sells once and refunds a part in Python, however the answer gets lost', async () => {
    await faults([{ pathPattern: '^/operations$', fault: 'commit-then-reset' }]);
    const lost = await run('pos-python/till.py', ['python-117', '1']);
    expect(lost).toMatchObject({ code: 1 });
    expect(lost.said).toContain('Do not sell it again. Ask again: till.py python-117');

    await fetch(`${all.sandbox}/__sim/faults`, { method: 'DELETE' });
    const known = await run('pos-python/till.py', ['python-117']);
    expect(known).toMatchObject({ code: 0 });
    expect(known.said).toMatch(/^Sold: pur_\w+ to pay 900.00\nRefunded: give back 270.00\n$/);
    expect(await effects('uds', 'python-117')).toEqual(['purchase']);
  });

  it.skipIf(!hasPython)('takes a redirect or a proxy’s page for no answer in Python', async () => {
    expect(await run('pos-python/till.py', ['python-118'])).toMatchObject({ code: 0 });
    let status = 0;
    const proxy = createServer(({ url }, answer) => {
      const headers = { 'content-type': 'application/json', location: `${all.url}${url}` };
      answer.writeHead(status, headers).end('{}');
    });
    try {
      await once(proxy.listen(0, '127.0.0.1'), 'listening');
      const GATEWAY_URL = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      for (status of [301, 404]) {
        const { said } = await run('pos-python/till.py', ['python-118', '1'], { GATEWAY_URL });
        expect(said).toContain('Checking whether it went through. Do not sell it again.');
      }
    } finally {
      proxy.close();
    }
  });

  it.skipIf(!hasPython)('receives webhooks in Python, and no forged ones', async () => {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const port = await freePort();
    const words = [join(root, 'examples/pos-python/webhook.py'), String(port)];
    const receiver = spawn('python3', words, { env: { ...env, WEBHOOK_SECRET: secret } });
    try {
      await once(receiver.stdout, 'data');
      const post = async (signedWith: string, at = new Date()) => {
        const body = JSON.stringify({ type: 'purchase.succeeded', sequence: 1, data: { id: 'pur_1' } });
        const signature = new Webhook(signedWith).sign('evt_1', at, body);
        const headers = {
          'webhook-id': 'evt_1',
          'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
          'webhook-signature': `v1,of-another-secret ${signature}`,
        };
        return (await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body, headers })).status;
      };
      const said = once(receiver.stdout, 'data');
      expect(await post(secret)).toBe(204);
      expect(String((await said)[0])).toBe('purchase.succeeded 1 pur_1\n');
      expect(await post(`whsec_${randomBytes(32).toString('base64')}`)).toBe(400);
      expect(await post(secret, new Date(Date.now() - 600_000))).toBe(400);
    } finally {
      receiver.kill();
    }
  });

  it('sends commands and receives their outcomes by queue', async () => {
    const first = await run('queue-consumer/consumer.js', ['--order', 'shop-117']);
    expect(first).toMatchObject({ code: 0 });
    expect(first.said).toContain('Subscribed: purchase.*, operation.* → queue shop-events');
    expect(first.said).toMatch(/ {2}purchase\.succeeded {2}pur_/);
    expect(first.said).toContain('shop-117 is succeeded: to pay 750.00, earned 75');
    expect(await run('queue-consumer/consumer.js', ['--order', 'shop-117'])).toMatchObject({ code: 0 });
    expect(await effects('uds', 'shop-117')).toEqual(['purchase']);
  });

  it('says where it looked for the gateway, and exits', async () => {
    const GATEWAY_URL = `http://127.0.0.1:${await freePort()}`;
    const { code, said } = await run('queue-consumer/consumer.js', [], { GATEWAY_URL });
    expect(code).toBe(1);
    expect(said).toBe(
      `The gateway does not answer at ${GATEWAY_URL}: run npm start first, or set GATEWAY_URL.\n`,
    );
  });

  it('is told why a command cannot be carried out', async () => {
    const { code, said } = await run('queue-consumer/consumer.js', [
      '--order',
      `${Date.now()}${'x'.repeat(65)}`,
    ]);
    expect(code).toBe(1);
    expect(said).toContain('cannot be carried out: /body/merchantReference: ');
  });

  it('is told that an order was cancelled', async () => {
    await faults([{ method: 'POST', pathPattern: '^/operations$', fault: '429-retry-after-3600', count: 1 }]);
    const running = run('queue-consumer/consumer.js', ['--order', 'shop-118']);
    await expect.poll(async () => (await purchase('shop-118'))?.state).toBe('queued');
    const { operationId } = (await purchase('shop-118'))!;
    await expect
      .poll(async () => (await gateway(`operations/${operationId}/cancel`, 'POST')).status)
      .toBe(200);
    expect((await running).said).toMatch(/\nshop-118 is cancelled\n$/);
  });
});
