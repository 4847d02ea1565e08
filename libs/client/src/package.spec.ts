import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, mkdir, rm, symlink, writeFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, describe } from 'vitest';

const here = join(import.meta.dirname, '..');
const root = join(here, '../..');

const consumer = `
import { createLoyaltyClient, verifyWebhook } from '@loyalty-gateway/client';
import type { Purchase, WriteResult } from '@loyalty-gateway/client';
import { fileKeys } from '@loyalty-gateway/client/file-keys';

const loyalty = createLoyaltyClient({ baseUrl: 'http://127.0.0.1:3000', apiKey: 'lgk_x', keyStore: fileKeys('keys') });
const receipt = { total: { amount: '10.00', currency: 'RUB' } };
export const sold: Promise<WriteResult<Purchase>> = loyalty.purchase({ customerId: 'cus_1', merchantReference: '1', receipt });
export const url: Promise<string | undefined> = loyalty
  .write('/v1/referral/links', { body: { customerId: 'cus_1', target: { type: 'shop', id: '1' } } })
  .then(made => (made.outcome === 'done' ? made.resource.shortUrl : undefined));
export const type: string = verifyWebhook('whsec_x', {}, '').type;
// @ts-expect-error money is text
void loyalty.purchase({ merchantReference: '1', receipt: { total: { amount: 10, currency: 'RUB' } } });
// @ts-expect-error a read is no write
void loyalty.write('/v1/quotes', { body: { receipt } });
// @ts-expect-error whose balance?
void loyalty.write('/v1/customers/{id}/balance-adjustments', { body: { delta: receipt.total } });
`;

describe('the npm package', () => {
  let place: string;
  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'client-package-'));
    const home = join(place, 'node_modules/@loyalty-gateway/client');
    await mkdir(home, { recursive: true });
    for (const file of ['package.json', 'README.md']) await copyFile(join(here, file), join(home, file));
    // A consumer has the package's own dependencies, and nothing else of ours.
    const { dependencies } = JSON.parse(await readFile(join(here, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const name of [...Object.keys(dependencies), 'openapi-typescript-helpers', '@types']) {
      await symlink(join(root, 'node_modules', name), join(place, 'node_modules', name));
    }
    run(process.execPath, [join(here, 'build.mjs'), join(home, 'dist')]);
  });
  afterAll(() => rm(place, { recursive: true }));

  function run(command: string, args: string[], cwd = place): string {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
    expect(status, `${stdout}${stderr}`).toBe(0);
    return stdout;
  }

  it('holds what it needs and no more', () => {
    const home = join(place, 'node_modules/@loyalty-gateway/client');
    const said = run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], home);
    const [{ files }] = JSON.parse(said) as [{ files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts']),
    );
    expect(paths.filter(path => !/^(README\.md|package\.json|dist\/[\w-]+\.(js|d\.ts))$/.test(path))).toEqual(
      [],
    );
    expect(paths.filter(path => path.includes('spec'))).toEqual([]);
  });

  it('names as dependencies what the repository has installed', async () => {
    const read = async (file: string) =>
      JSON.parse(await readFile(file, 'utf8')) as Record<
        'dependencies' | 'devDependencies',
        Record<string, string>
      >;
    const [own, whole] = [await read(join(here, 'package.json')), await read(join(root, 'package.json'))];
    expect({ ...whole.dependencies, ...whole.devDependencies }).toMatchObject(own.dependencies);
  });

  function check(...files: string[]): void {
    const tsc = join(root, 'node_modules/typescript-native/bin/tsc');
    const strict = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    run(process.execPath, [tsc, ...strict, ...files]);
  }

  it('is loaded and type-checked by a project of its own', async () => {
    const program = `import { createLoyaltyClient } from '@loyalty-gateway/client';
      import { fileKeys } from '@loyalty-gateway/client/file-keys';
      console.log(typeof createLoyaltyClient, typeof fileKeys);`;
    expect(run(process.execPath, ['--input-type=module', '-e', program])).toBe('function function\n');
    await writeFile(join(place, 'consumer.mts'), consumer);
    check('consumer.mts');
  });

  it('has a README whose examples are typed as it is', async () => {
    const readme = await readFile(join(here, 'README.md'), 'utf8');
    const examples = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
    expect(examples.length).toBeGreaterThan(3);
    const files = examples.map((_, index) => `readme-${index}.mts`);
    // What an earlier example made is known to the later ones.
    const known = "import { createLoyaltyClient } from '@loyalty-gateway/client';";
    const before = `${known}\ndeclare const loyalty: ReturnType<typeof createLoyaltyClient>;\n`;
    for (const [index, code] of examples.entries())
      await writeFile(
        join(place, files[index]!),
        code.includes('createLoyaltyClient') ? code : before + code,
      );
    check(...files);
  });
});
