import { describe, expect, it } from 'vitest';
import type { CallInsert } from '#persistence';
import { CallLog } from './call-log.js';

function gate() {
  let open = () => {};
  const opened = new Promise<void>(resolve => (open = resolve));
  return { open, opened };
}

const line = (exchange: string) => ({ exchange }) as CallInsert;

describe('the call log', () => {
  it('writes the lines of one moment in one piece, and each of them once', async () => {
    const written: string[][] = [];
    const log = new CallLog(async lines => void written.push(lines.map(one => one.exchange)));
    await Promise.all(['a', 'b', 'c'].map(name => log.add(line(name))));
    await log.add(line('d'));
    expect(written).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('is flushed only when also what is being written stands', async () => {
    let stood = 0;
    const begun = gate();
    const stands = gate();
    const log = new CallLog(async lines => {
      begun.open();
      await stands.opened;
      stood += lines.length;
    });
    void log.add(line('a'));
    await begun.opened;
    const flushed = log.flushed();
    stands.open();
    await flushed;
    expect(stood).toBe(1);
  });

  it('tells everybody whose line was in a piece that was lost, and goes on', async () => {
    let down = true;
    const log = new CallLog(async () => {
      if (down) throw new Error('Postgres is away');
    });
    const both = await Promise.allSettled([log.add(line('a')), log.add(line('b'))]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    down = false;
    await expect(log.add(line('c'))).resolves.toBeUndefined();
  });
});
