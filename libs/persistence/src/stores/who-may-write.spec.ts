import { afterAll, beforeAll, expect, it } from 'vitest';
import { terminalStates } from '#canonical';
import { acceptedOperation, openOneConnection } from '../../../../test/support/one-connection.js';
import type { Database } from '../database.js';
import { LeaseStore } from './lease.store.js';
import type { Claim } from './lease.store.js';
import { OperationStore } from './operation.store.js';
import { isUnmet } from './statement.js';

let database: Database;
let close: () => Promise<void>;
const operations = new OperationStore();
const leases = new LeaseStore();
const by = { owner: 'me', leaseMs: 60_000 };
const wakeAt = new Date();
const ending = { state: 'rejected', outcome: 'not-executed', evidence: 'proof' } as const;

beforeAll(async () => {
  ({ database, close } = await openOneConnection(5));
});
afterAll(() => close());

const FENCE = 7;
const STATES = ['queued', 'dispatching', 'unknown', 'needs-review', 'succeeded'];
let rows = 0;

/** An operation whose lease has ended. */
async function stored(state: string, sent = false): Promise<string> {
  const id = `opr_${++rows}`;
  await operations.addClaimed(database.direct, { ...acceptedOperation, id, resourceId: id }, by);
  await database.direct.query(
    `update operations set state = $2, fence = $3, write_sent = $4, first_sent_at = null, lease_until = now() - interval '1 s' where id = $1`,
    [id, state, FENCE, sent],
  );
  return id;
}

const isClaim = (answer: object) => 'claim' in answer;
const sameRow = ({ id, fence }: Claim) => ({ id, fence, serialKey: null, writeSent: false });

// Each change, and the states in which a process may make it that has the row's fence.
const fenced: [string, string[], (claim: Claim) => Promise<boolean>][] = [
  [
    'claims it',
    ['queued'],
    claim => operations.claim(database.direct, sameRow(claim), by, { write: true }).then(isClaim),
  ],
  [
    'marks that it is sent',
    ['dispatching'],
    claim => operations.markWrite(database.direct, claim, 60_000, {}).then(isClaim),
  ],
  [
    'puts it back into the queue',
    ['dispatching'],
    claim => operations.requeue(database.direct, claim, { wakeAt, reason: 'throttled', doubtful: false }),
  ],
  [
    'settles it',
    ['dispatching', 'unknown', 'needs-review'],
    claim => operations.settle(database.direct, claim, ending),
  ],
  [
    'settles it in a transaction that waits for no answer',
    ['dispatching', 'unknown', 'needs-review'],
    claim =>
      database
        .transaction(async tx => void (await operations.settleOrRefuse(tx, claim, ending)))
        .then(() => true)
        .catch(error => !isUnmet(error, 'live-claim')),
  ],
  [
    'puts its look-up off',
    ['unknown'],
    claim => operations.putOff(database.direct, claim, {} as never, wakeAt),
  ],
  ['sends it again', ['unknown'], claim => operations.markRepeat(database.direct, claim, 60_000)],
  ['renews its lease', ['dispatching', 'unknown'], claim => leases.renew(database.direct, claim, 60_000)],
];

it.each(fenced)('a process with the row’s fence %s only in these states: %j', async (_, states, write) => {
  const may: string[] = [];
  for (const state of STATES) if (await write({ id: await stored(state), fence: FENCE })) may.push(state);
  expect(may).toEqual(states);
});

it.each(fenced)('nobody whose fence is an older one %s', async (_, [state], write) => {
  const id = await stored(state!);
  const before = await operations.byId(database.direct, id);
  expect(await write({ id, fence: FENCE - 1 })).toBe(false);
  expect(await operations.byId(database.direct, id)).toEqual(before);
});

it.each([
  ['takes it over', ['dispatching'], (id: string) => leases.takeOver(database.direct, id)],
  ['takes it to look it up', ['unknown'], (id: string) => operations.claimUnknown(database.direct, id, by)],
] as const)(
  'who has no fence %s only in these states: %j, and never beside a living owner',
  async (_, states, take) => {
    const may: string[] = [];
    for (const state of STATES) {
      const id = await stored(state);
      if ((await take(id)) !== null) may.push(state);
      expect(await take(id)).toBeNull();
    }
    expect(may).toEqual(states);
  },
);

it('only a queued operation is withdrawn, and only where nothing was sent that may have had its effect', async () => {
  const withdrawn: [string, boolean][] = [];
  for (const state of STATES)
    for (const sent of [false, true]) {
      const row = { id: await stored(state, sent), tenantId: 'ten_1' };
      if (await operations.withdraw(database.direct, row, 'cancelled')) withdrawn.push([state, sent]);
    }
  expect(withdrawn).toEqual([['queued', false]]);
});

it.each(terminalStates)('one that is %s stays so, whatever code comes later', async ended => {
  const id = await stored(ended);
  for (const state of [...STATES, ...terminalStates].filter(other => other !== ended))
    await expect(
      database.direct.query('update operations set state = $2 where id = $1', [id, state]),
    ).rejects.toThrow('cannot become');
});

it.each([
  { doubtful: true, sent: false, kept: true },
  { doubtful: false, sent: true, kept: true },
  { doubtful: false, sent: false, kept: false },
])('when it was first sent is kept through a repeat where it may stand: %j', async ({ kept, ...back }) => {
  const claim = { id: await stored('dispatching'), fence: FENCE };
  const firstOf = async () => {
    const [row] = await database.direct.query(
      `select first_sent_at::text as at from operations where id = $1`,
      [claim.id],
    );
    return row.at as string;
  };
  await operations.markWrite(database.direct, claim, 60_000, {});
  const first = await firstOf();
  // With the claim itself, or after steps that only read.
  for (const write of [true, false]) {
    await operations.requeue(database.direct, claim, { wakeAt, reason: 'throttled', ...back });
    await operations.claim(database.direct, sameRow(claim), by, { write });
    claim.fence += 1;
    if (!write) await operations.markWrite(database.direct, claim, 60_000, {});
    expect((await firstOf()) === first).toBe(kept);
  }
});
