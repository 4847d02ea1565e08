import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bodyExamples } from '#canonical';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StartPlan } from './start-plan.js';
import { welcome } from './welcome.js';

describe('the welcome', () => {
  let plan: StartPlan;

  beforeEach(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'welcome-spec-'));
    plan = { dataDir, embedded: true, host: '127.0.0.1', port: 3000, sandboxPort: 3001 };
  });

  afterEach(() => rm(plan.dataDir, { recursive: true }));

  it('shows the first key when there is one to show, and no purchase where no demo was made', () => {
    const text = welcome(plan, 'http://127.0.0.1:3000', 'lgk_shown');
    expect(text).toContain('http://127.0.0.1:3000/docs');
    expect(text).toContain('lgk_shown');
    expect(text).not.toContain('curl');
    expect(welcome(plan, 'http://127.0.0.1:3000')).not.toContain('API key');
  });

  it('offers no purchase where the sandbox of an earlier start is off', async () => {
    await writeFile(join(plan.dataDir, 'demo-key'), 'lgk_secret');
    expect(welcome({ ...plan, sandboxPort: undefined }, 'http://127.0.0.1:3000')).not.toContain('curl');
  });

  it.each([
    ['127.0.0.1', 'http://127.0.0.1:3001'],
    ['0.0.0.0', 'http://127.0.0.1:3001'],
    ['192.168.1.10', 'http://192.168.1.10:3001'],
    ['::1', 'http://[::1]:3001'],
  ])('shows where the sandbox is to be called where HOST is %s', (host, url) => {
    expect(welcome({ ...plan, host }, 'http://127.0.0.1:3000')).toContain(`Sandbox     ${url}\n`);
  });

  it('names the file of the demo key in the first purchase, never the key', async () => {
    const file = join(plan.dataDir, 'demo-key');
    await writeFile(file, 'lgk_secret');
    const text = welcome(plan, 'http://127.0.0.1:3000');
    expect(text).toContain(`$(cat '${file}')`);
    expect(text).not.toContain('lgk_secret');
    const example = bodyExamples.PurchaseCreate.earn.value;
    expect(JSON.parse(/-d '(.*)'/.exec(text)![1]!)).toEqual({
      ...example,
      merchantReference: 'first-purchase',
    });
  });
});
