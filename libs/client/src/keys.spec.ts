import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fileKeys } from './file-keys.js';
import { memoryKeys, nameOfIntent } from './keys.js';

describe('keys', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'client-keys-spec-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  describe.each([
    ['in memory', () => memoryKeys()],
    ['in files', () => fileKeys(join(directory, 'kept'))],
  ])('%s', (_, open) => {
    it('stay what they were first, also where many ask at once, until they are forgotten', async () => {
      const store = open();
      const asked = await Promise.all(
        Array.from({ length: 20 }, (__, n) => store.keep('intent', `key-${n}`)),
      );
      const made = asked.filter(({ fresh }) => fresh).map(kept => kept.key);
      expect(made).toHaveLength(1);
      const key = made[0]!;
      expect(new Set(asked.map(kept => kept.key))).toEqual(new Set([key]));
      await store.forget('intent', 'another');
      expect(await store.keep('intent', 'new')).toEqual({ key, fresh: false });
      await store.forget('intent', key);
      expect(await store.keep('intent', 'new')).toEqual({ key: 'new', fresh: true });
    });
  });

  it('in files are kept and forgotten by many at once', async () => {
    const place = join(directory, 'busy');
    const often = async (who: number) => {
      const store = fileKeys(place);
      for (let n = 0; n < 50; n++) {
        const { key } = await store.keep('intent', `${who}-${n}`);
        expect(key).toMatch(/^\d+-\d+$/);
        await store.forget('intent', key);
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, who) => often(who)));
  });

  it('in files are kept as soon as there is a place for them', async () => {
    const place = join(directory, 'a-file', 'below');
    const store = fileKeys(place);
    await writeFile(join(directory, 'a-file'), '');
    await expect(store.keep('intent', 'one')).rejects.toThrow();
    await rm(join(directory, 'a-file'));
    expect(await store.keep('intent', 'two')).toEqual({ key: 'two', fresh: true });
  });

  it('in files outlive the process, for their owner alone, and not for ever', async () => {
    const place = join(directory, 'outliving');
    await fileKeys(place).keep('young', 'one');
    await fileKeys(place).keep('old', 'two');
    const before = new Date(Date.now() - 32 * 24 * 3_600_000);
    await utimes(join(place, 'old'), before, before);
    expect(await fileKeys(place).keep('young', 'three')).toEqual({ key: 'one', fresh: false });
    expect(await readdir(place)).toEqual(['young']);
    expect((await stat(join(place, 'young'))).mode & 0o077).toBe(0);
  });

  it('in files do not pile up in a process that runs for months', async () => {
    const place = join(directory, 'long-lived');
    const store = fileKeys(place);
    await store.keep('old', 'one');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 32 * 24 * 3_600_000 });
    try {
      expect(await store.keep('young', 'two')).toEqual({ key: 'two', fresh: true });
    } finally {
      vi.useRealTimers();
    }
    expect(await readdir(place)).toEqual(['young']);
  });

  it('in memory are the newest so many', async () => {
    const store = memoryKeys(2);
    for (const intent of ['a', 'b', 'c']) await store.keep(intent, `${intent}-1`);
    expect(await store.keep('c', 'c-2')).toEqual({ key: 'c-1', fresh: false });
    expect(await store.keep('a', 'a-2')).toEqual({ key: 'a-2', fresh: true });
  });

  it('belong to an intent whose name tells nothing and does not depend on the order of fields', async () => {
    const parts = { path: '/v1/holds', params: undefined, connection: undefined };
    const name = await nameOfIntent({
      ...parts,
      content: { phone: '+79031234567', list: [1, { b: 1, a: 2 }] },
    });
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    const same = { list: [1, { a: 2, b: 1 }], phone: '+79031234567', none: undefined };
    expect(await nameOfIntent({ ...parts, content: same })).toBe(name);
    expect(await nameOfIntent({ ...parts, content: { ...same, list: [{ a: 2, b: 1 }, 1] } })).not.toBe(name);
    expect(await nameOfIntent({ ...parts, path: '/v1/purchases', content: same })).not.toBe(name);
  });
});
