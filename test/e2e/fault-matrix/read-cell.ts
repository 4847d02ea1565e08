import { randomUUID } from 'node:crypto';
import { Refusal } from '#canonical';
import { readBy } from '#outbound';
import type { Core, OpenConnection } from '#outbound';
import type { Context } from '#adapter-kit';
import type { FaultName } from '../../../apps/sandbox/src/faults/fault-names.js';
import { ReadCache } from '../../../libs/outbound/src/reads/read-cache.js';
import type { ReadCall } from './calls.js';
import { beforeTheCall, neverPlayed, readEnds, told } from './expected.js';
import type { Strikes } from './expected.js';
import { Stage } from './stage.js';
import type { MatrixWorld } from './stage.js';

/** More than any cell needs. */
const PATIENT_MS = 20_000;
/** A throttled caller waits almost the shortest pause and what a read keeps for itself: too short for a second call. */
const IMPATIENT_MS = 1_099;
/** Codes of the gateway's own problems; any other is the provider's refusal. */
const STATUSES: Record<string, string> = {
  'provider-timeout': '504',
  'provider-error': '502',
  'provider-contract-violation': '502',
  'provider-unavailable': '503',
  'lane-saturated': '503',
};

const NEVER_PLAYED = `, and ${neverPlayed}`;

interface Terms {
  fault: FaultName;
  strikes: Strikes;
  waitMs: number;
}

/** Calls one read with the fault on its first call, then on each; returns the violations. */
export async function playRead(world: MatrixWorld, call: ReadCall, fault: FaultName): Promise<string[]> {
  const waitMs = fault.startsWith('429') ? IMPATIENT_MS : PATIENT_MS;
  const wrong: string[] = [];
  const stage = await Stage.open(world, call.provider, {
    sameAccount: true,
    alone: beforeTheCall.includes(fault),
  });
  try {
    for (const strikes of ['once', 'always'] as const) {
      const ends = readEnds(fault, strikes);
      // No second call is made: both plays would be the same.
      if (strikes === 'always' && ends.join() === readEnds(fault, 'once').join()) continue;
      if (strikes === 'always') await stage.reset();
      const end = await readStruck(stage, call, { fault, strikes, waitMs });
      if (!ends.includes(end)) wrong.push(`${fault} ${strikes}: ${end}, and not ${ends.join(' or ')}`);
    }
  } catch (error) {
    wrong.push(`${fault}: ${String((error as Error).stack ?? error)}`);
  } finally {
    await stage.close();
  }
  return wrong;
}

/** A patient caller waits for the provider's pause and gets the answer. */
export async function playPatiently(world: MatrixWorld, call: ReadCall): Promise<string> {
  const stage = await Stage.open(world, call.provider, { sameAccount: true });
  const terms = { fault: '429-without-retry-after', strikes: 'once', waitMs: PATIENT_MS } as const;
  return readStruck(stage, call, terms).finally(() => stage.close());
}

async function readStruck(stage: Stage, call: ReadCall, { fault, strikes, waitMs }: Terms): Promise<string> {
  const { ask, context } = await call.ask(stage);
  stage.wire.aim({ fault, strikes, at: /^/ });
  const { core, connection } = at(stage, context);
  const reading = { does: call.exchange, ask, laneClass: 'interactive' as const };
  const end = await readBy(core, connection, reading, { waitMs }).then(() => 'answered', problemOf);
  await stage.rest();
  // The call that warms up a socket is not counted.
  const lines = (await stage.journal()).filter(({ method, path }) => `${method} ${path}` !== 'GET ');
  const effects = lines.filter(({ effect }) => effect).length;
  const played = beforeTheCall.includes(fault) || lines.some(line => line.fault === fault);
  // On a slow machine the caller's time may be over before the 429 is there.
  const missed = waitMs === IMPATIENT_MS && (end === '504' || lines.length === 0);
  return `${told(end, lines.length)}${played && !missed ? '' : NEVER_PLAYED}${effects ? ', with an effect' : ''}`;
}

/** The fixture's settings and date, with a clean simulator. */
const at = (stage: Stage, { settings, now }: Context): { core: Core; connection: OpenConnection } => ({
  core: { ...stage.core, now: () => now, cache: new ReadCache(() => now) },
  connection: {
    ...stage.connection,
    settings,
    lane: { ...stage.connection.lane, fingerprint: randomUUID() },
  },
});

function problemOf(error: unknown): string {
  if (!(error instanceof Refusal)) return String(error);
  const known = STATUSES[error.code];
  if (known === undefined) return error.status < 500 ? 'refused' : `${error.status} ${error.code}`;
  return known === String(error.status) ? known : `${error.status} ${error.code}`;
}
