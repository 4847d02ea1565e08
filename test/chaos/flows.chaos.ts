import { setPriority } from 'node:os';
import { expect, it } from 'vitest';
import { runFlows } from './flows.js';
import { reportOf } from './flows-oracle.js';

const seed = Number(process.env['SEED'] ?? 1);
const flows = Number(process.env['FLOWS'] ?? 160);

// Low priority, also for the processes started from here.
setPriority(19);

it.each(['redis', 'postgres'] as const)(
  `answers truly in flows of several steps, every fault at once, processes killed: ${flows} flows (SEED=${seed}), lanes and queues on %s`,
  async store => {
    const done = await runFlows({
      seed,
      flows: flows / 2,
      rounds: 2,
      share: 0.2,
      killEveryMs: 12_000,
      store,
    });
    try {
      const { states, effects, violations } = await reportOf(done);
      console.table(states);
      for (const sentence of violations) console.log(sentence);
      const told = done.wanted.flatMap(({ answers }) => answers).length;
      console.log(
        `${told} answers, ${effects} effects, ${done.killed} kills, ${violations.length} violations`,
      );
      expect(violations).toEqual([]);
    } finally {
      await done.close();
    }
  },
);
