import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSupervised } from '../support/supervised.js';
import type { Supervised } from '../support/supervised.js';

const root = join(import.meta.dirname, '../..');
const canCall = spawnSync('curl', ['--version']).status === 0;

/** `name=pur_…   # the id of the answer`: what the reader fills in. */
const blank = /^(\w+)=([a-z]+)_….*$/m;

/** The commands of a page: its blocks of calls, each cut where the reader has to fill something in. */
function commandsOf(page: string): string[] {
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block!);
  return blocks.filter(block => /curl|api/.test(block)).flatMap(block => block.split(/^(?=\w+=[a-z]+_…)/m));
}

/** What a comment below a command shows of the answer; ids and times are others in each run. */
function shownIn(command: string): string[] {
  const comment = [...command.matchAll(/^# +(.*)$/gm)].map(([, line]) => line).join(' ');
  const fields = comment.match(/"\w+":(?:"[^"…]*"|true|false|null|\d+)(?!…)/g) ?? [];
  return fields.filter(field => !/":"(?:[a-z]{3}_|\d{4}-\d\d-\d\d)/.test(field));
}

describe.skipIf(!canCall)('the commands of a page, against a gateway started like `npm start`', () => {
  let all: Supervised;
  let home: string;

  beforeAll(async () => {
    all = await startSupervised();
    home = await mkdtemp(join(tmpdir(), 'reader-'));
    await symlink(all.dataDir, join(home, '.data'));
  }, 180_000);
  afterAll(async () => {
    await all.close();
    await rm(home, { recursive: true, force: true });
  });

  const here = (text: string): string =>
    text.replaceAll('http://127.0.0.1:3000', all.url).replaceAll('http://127.0.0.1:3001', all.sandbox);

  async function shell(script: string): Promise<string> {
    const child = spawn('bash', ['-euc', script], { cwd: home });
    let said = '';
    child.stdout.on('data', chunk => (said += chunk));
    child.stderr.on('data', chunk => (said += chunk));
    await once(child, 'close');
    return said;
  }

  /** What a person does who opens the consent page, and allows. */
  async function consent(session: { id: string; authorizeUrl: string }): Promise<void> {
    const popup = await (await fetch(session.authorizeUrl)).text();
    const messages = JSON.parse(/id="messages">(.*?)<\/script>/s.exec(popup)![1]!) as Record<
      string,
      unknown
    >[];
    const { token, user_id: userId, expires_at: expiresAt, state } = messages[0]!;
    const key = (await readFile(join(all.dataDir, 'demo-key'), 'utf8')).trim();
    const answer = await fetch(`${all.url}/v1/consent-sessions/${session.id}/complete`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ token, userId, expiresAt, state }),
    });
    expect(answer.status).toBe(200);
  }

  // In this order: the balance that the page for tills shows is the one before all sales.
  it.each(['docs/till.md', 'docs/referral.md', 'README.md'])('%s', async page => {
    const commands = commandsOf(await readFile(join(root, page), 'utf8'));
    expect(commands.length).toBeGreaterThan(1);
    let known = '';
    let answer = '';
    for (const command of commands) {
      const filled = command.replace(blank, (_, name: string, prefix: string) => {
        const [id] = new RegExp(`${prefix}_[0-9a-z]{26}`).exec(answer) ?? [];
        known += `${name}=${id}\n`;
        return '';
      });
      if (/^\w+\(\)/.test(filled)) {
        known += filled;
        continue;
      }
      const said = await shell(here(known + filled));
      expect(said, command).not.toContain('"userMessage"');
      for (const field of shownIn(command)) expect(said, command).toContain(field);
      answer = said;
      const session = /\{"id":"(csn_\w+)".*\}/.exec(said);
      if (session) await consent(JSON.parse(session[0]) as { id: string; authorizeUrl: string });
    }
    expect(answer).toContain('{');
  });
});
