import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { createEgressGuard, EgressRefused } from './egress-guard.js';

const PUBLIC = '93.184.215.14';
const names = (table: Record<string, string[]>) => async (host: string) =>
  (table[host] ?? []).map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }));
/** Answers a name when told; counts how often it was asked. */
function heldNames() {
  const asked: string[] = [];
  const open: ((found: LookupAddress[]) => void)[] = [];
  const resolve = (host: string) => {
    asked.push(host);
    return host.startsWith('silent')
      ? new Promise<LookupAddress[]>(answer => open.push(answer))
      : Promise.resolve([{ address: PUBLIC, family: 4 }]);
  };
  const answer = (address = PUBLIC) => {
    for (const one of open.splice(0)) one([{ address, family: 4 }]);
  };
  return { asked, resolve, answer };
}
const guardOf = (table: Record<string, string[]> = {}, allow: string[] = []) =>
  createEgressGuard({ allow, resolve: names({ 'shop.example': [PUBLIC], ...table }) });

const look = (guard: ReturnType<typeof guardOf>, host: string, options: { all?: boolean; family?: number }) =>
  new Promise((resolve, reject) => {
    guard.lookup({ host, port: 443, secure: true })(host, options, (error, address, family) =>
      error ? reject(error) : resolve(options.all ? address : { address, family }),
    );
  });

const inside = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.1.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '203.0.113.9',
  '224.0.0.1',
  '239.1.1.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:93.184.215.14',
  '::ffff:0:7f00:1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  '4000::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
];

describe('a URL that is saved', () => {
  it.each([
    'https://shop.example',
    'https://shop.example:8443/api?x=1',
    'https://93.184.215.14/',
    'https://[2606:4700::1]/',
  ])('accepts %s', async url => {
    await expect(guardOf().checkUrl(url)).resolves.toBeUndefined();
  });

  it.each(inside)('refuses a name that leads to %s, and the address itself', async address => {
    const literal = address.includes(':') ? `[${address}]` : address;
    await expect(guardOf({ 'in.example': [address] }).checkUrl('https://in.example/')).rejects.toThrow(
      EgressRefused,
    );
    await expect(guardOf().checkUrl(`https://${literal}/`)).rejects.toThrow(EgressRefused);
  });

  it.each([
    'https://2130706433/',
    'https://0x7f.0.0.1/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://127.0.0.1./',
    'https://１２７.0.0.1/',
    'https://①②⑦.0.0.1/',
    'https://127。0。0。1/',
    'https://[::ffff:7f00:1]/',
    'https://[0:0:0:0:0:0:0:1]/',
  ])('sees the loopback address in %s', async url => {
    await expect(guardOf().checkUrl(url)).rejects.toThrow('does not lead to a public address');
  });

  it.each([
    ['http://shop.example/', 'Only https is accepted'],
    ['ftp://shop.example/', 'Only https URLs'],
    ['file:///etc/passwd', 'Only https URLs'],
    ['https://user@shop.example/', 'user or password'],
    ['https://:secret@shop.example/', 'user or password'],
    ['https://shop.example/#', 'fragment'],
    ['https://shop.example/#part', 'fragment'],
    ['https://shop.example./', 'complete host name'],
    ['https:///', 'not a valid URL'],
    ['https://', 'not a valid URL'],
    ['https://shop.example:99999/', 'not a valid URL'],
    ['https:\\\\shop.example', 'not a valid URL'],
    ['https://shop.example/\u0000', 'not a valid URL'],
    [' https://shop.example/', 'not a valid URL'],
    ['ht\ntps://shop.example/', 'not a valid URL'],
    ['/relative', 'not a valid URL'],
    ['https://unknown.example/', 'cannot be resolved'],
  ])('refuses %j', async (url, sentence) => {
    await expect(guardOf().checkUrl(url)).rejects.toThrow(sentence);
  });

  it('refuses a name when only one of its addresses is inside', async () => {
    const guard = guardOf({ 'two.example': [PUBLIC, '10.0.0.1'] });
    await expect(guard.checkUrl('https://two.example/')).rejects.toThrow(EgressRefused);
  });

  it('refuses localhost names even where a resolver calls them public', async () => {
    const guard = guardOf({ localhost: [PUBLIC], 'x.localhost': [PUBLIC] });
    await expect(guard.checkUrl('https://localhost/')).rejects.toThrow(EgressRefused);
    await expect(guard.checkUrl('https://x.localhost/')).rejects.toThrow(EgressRefused);
  });

  it('is not waited for while its name server is silent, and leaves the names of sockets alone', async () => {
    const { asked, resolve, answer } = heldNames();
    const guard = createEgressGuard({ allow: [], resolve, checkWithinMs: 20 });
    const checks = ['silent-1', 'silent-2', 'silent-3', 'shop'].map(name =>
      guard.checkUrl(`https://${name}.example/`),
    );
    for (const { status, reason } of (await Promise.allSettled(checks)) as PromiseRejectedResult[]) {
      expect(status).toBe('rejected');
      expect(reason).toBeInstanceOf(EgressRefused);
      expect(reason.message).toMatch(/example could not be resolved in time: .*try again\.$/);
    }
    expect(asked).toEqual(['silent-1.example', 'silent-2.example']);
    expect(await look(guard, 'shop.example', {})).toEqual({ address: PUBLIC, family: 4 });
    answer();
    await expect(guard.checkUrl('https://shop.example/')).resolves.toBeUndefined();
  });

  it('waits for its turn among many that are saved at once', async () => {
    const { asked, resolve, answer } = heldNames();
    const guard = createEgressGuard({ allow: [], resolve });
    const checks = Array.from({ length: 5 }, (_, n) => guard.checkUrl(`https://silent-${n}.example/`));
    const last = guard.checkUrl('https://shop.example/');
    for (const after of [2, 4, 5]) {
      await expect.poll(() => asked.filter(name => name.startsWith('silent')).length).toBe(after);
      answer();
    }
    await Promise.all([...checks, last]);
  });

  it('never tells the address behind a name', async () => {
    const refused = await guardOf({ 'in.example': ['10.9.8.7'] })
      .checkUrl('https://in.example/')
      .catch((error: Error) => error.message);
    expect(refused).not.toContain('10.9.8.7');
  });
});

describe('EGRESS_ALLOW', () => {
  it('lets through what it covers, in plain http as well', async () => {
    const guard = guardOf({ 'in.example': ['10.0.0.1'], localhost: ['127.0.0.1'] }, [
      '10.0.0.0/8',
      '127.0.0.1',
      'fd00::/8',
    ]);
    await guard.checkUrl('http://in.example/');
    await guard.checkUrl('http://127.0.0.1:8080/');
    await guard.checkUrl('http://localhost/');
    await guard.checkUrl('https://[fd00::1]/');
    await expect(guard.checkUrl('http://127.0.0.2/')).rejects.toThrow(EgressRefused);
  });

  it('keeps an entry with a port to that port', async () => {
    const guard = guardOf({}, ['127.0.0.1:3001', '[::1]:3001']);
    await guard.checkUrl('http://127.0.0.1:3001/uds');
    await guard.checkUrl('http://[::1]:3001/uds');
    await expect(guard.checkUrl('http://127.0.0.1:3002/')).rejects.toThrow(EgressRefused);
    await expect(guard.checkUrl('http://127.0.0.1/')).rejects.toThrow(EgressRefused);
  });

  it('does not stretch to other forms of its addresses, nor to metadata services', async () => {
    const guard = guardOf({}, ['127.0.0.0/8', '0.0.0.0/0', '::/0']);
    const narrow = guardOf({}, ['127.0.0.0/8']);
    await expect(narrow.checkUrl('http://[::ffff:127.0.0.1]/')).rejects.toThrow(EgressRefused);
    for (const url of [
      'http://169.254.169.254/',
      'http://169.254.170.2/v2/credentials',
      'http://169.254.170.23/',
      'http://168.63.129.16/',
      'http://[fd00:ec2::254]/',
      'http://[fd00:ec2::23]/',
      'http://[fd20:ce::254]/',
      'http://[::ffff:169.254.169.254]/',
    ])
      await expect(guard.checkUrl(url)).rejects.toThrow('may not be called');
  });

  it.each(['10.0.0.0/33', '10', 'localhost', '10.0.0.0/', '127.0.0.1:x', '', 'fd00::/129'])(
    'says so when %j is no network',
    entry => {
      expect(() => createEgressGuard({ allow: [entry] })).toThrow('EGRESS_ALLOW');
    },
  );
});

describe('the lookup of a socket', () => {
  it('gives out judged addresses, all of them or the first of the family', async () => {
    const guard = guardOf({ 'both.example': [PUBLIC, '2606:4700::1'] });
    expect(await look(guard, 'both.example', { all: true })).toEqual([
      { address: PUBLIC, family: 4 },
      { address: '2606:4700::1', family: 6 },
    ]);
    expect(await look(guard, 'both.example', { family: 6 })).toEqual({ address: '2606:4700::1', family: 6 });
  });

  it('fails when one address is inside, when there is none, and none of the family', async () => {
    const guard = guardOf({ 'two.example': [PUBLIC, '127.0.0.1'] });
    await expect(look(guard, 'two.example', { all: true })).rejects.toThrow(EgressRefused);
    await expect(look(guard, 'none.example', { all: true })).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(look(guard, 'shop.example', { family: 6 })).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('shares the running look-up of a name, and judges its answer for each socket', async () => {
    const { asked, resolve, answer } = heldNames();
    const guard = createEgressGuard({ allow: ['10.0.0.1:8443'], resolve });
    const plain = Array.from({ length: 10 }, () => look(guard, 'silent.example', {}));
    const allowed = new Promise((settle, reject) => {
      const destination = { host: 'silent.example', port: 8_443, secure: true };
      guard.lookup(destination)('silent.example', {}, (error, address) =>
        error ? reject(error) : settle(address),
      );
    });
    expect(await look(guard, 'shop.example', {})).toEqual({ address: PUBLIC, family: 4 });
    expect(asked).toEqual(['silent.example', 'shop.example']);
    answer('10.0.0.1');
    for (const socket of plain) await expect(socket).rejects.toThrow(EgressRefused);
    expect(await allowed).toBe('10.0.0.1');
    // Nothing is kept: the next socket asks anew.
    const later = look(guard, 'silent.example', {});
    answer();
    expect(await later).toEqual({ address: PUBLIC, family: 4 });
  });
});
