import {
  Command,
  errorTable,
  fieldRefusal,
  readBody,
  readIdempotencyKey,
  Refusal,
  toProblem,
} from '#canonical';
import type { Problem } from '#canonical';
import { connectionOfRepeat, kinds, openConnection, redactValue, submit } from '#outbound';
import type { OpenConnection, WriteName } from '#outbound';
import { commandKinds } from './command-kinds.js';
import type { CommandKind } from './command-kinds.js';
import type { EventCore } from './event-core.js';

/** The result of accepting a command: accepted, impossible to execute, or to be retried later. */
export type Intake =
  | { outcome: 'accepted'; operationId: string | null }
  | { outcome: 'dead'; problem: Problem }
  | { outcome: 'later'; reason: string };

/** A command in the dead-letter queue, with personal values masked: they are not needed to see what is wrong. */
export interface DeadCommand {
  command: unknown;
  problem: Problem;
}

/**
 * Accepts a command as REST accepts a request: same validator, same kinds, same idempotency keys. `accepted` means that its
 * operation is in Postgres. Never rejects: a temporary failure, such as a lost database, gives `later`.
 */
export async function acceptCommand(
  { core }: Pick<EventCore, 'core'>,
  tenantId: string,
  given: { data: unknown; id: string },
): Promise<Intake> {
  try {
    const command = readBody(Command, given.data);
    const write = writeOf(command);
    const commandKind = commandKinds[write];
    const body = readBody(commandKind.body, command.body, '/body');
    const { connection: named, idempotencyKey } = command;
    const connection = await connectionOf(core, tenantId, named).catch(refusal =>
      connectionOfRepeat(core, { tenantId, idempotencyKey, named, body }, refusal),
    );
    const { operationId } = await submit(core, {
      kind: kinds[write],
      connection,
      body,
      params: paramsOf(commandKind, command),
      idempotencyKey,
      waitMs: 0,
    }).catch(inBody);
    return { outcome: 'accepted', operationId };
  } catch (error) {
    if (!(error instanceof Refusal)) return { outcome: 'later', reason: String(error) };
    if (passes(error)) return { outcome: 'later', reason: error.code };
    return { outcome: 'dead', problem: toProblem(error, { requestId: given.id }) };
  }
}

// What is refused after the validator points into the body, as for REST; here the body is part of the command.
function inBody(error: unknown): never {
  if (!(error instanceof Refusal) || !error.members.errors) throw error;
  const { code, members, detail } = error;
  const [first] = members.errors!;
  const errors = members.errors!.map(fault => ({ ...fault, pointer: `/body${fault.pointer}` }));
  const pointsFirst = first !== undefined && detail.startsWith(`${first.pointer}: `);
  throw new Refusal(code, { ...members, errors, detail: pointsFirst ? `/body${detail}` : members.detail });
}

// A REST caller is told about a pause at once; in a queue nobody waits, and the pause will end.
const passes = ({ code }: Refusal): boolean => errorTable[code].retryable || code === 'connection-paused';

/** A command as stored in the dead-letter queue. */
export const deadCommand = (data: unknown, problem: Problem): DeadCommand => ({
  command: withKey(data, redactValue(data)),
  problem,
});

// The sender finds the original by its key; a number within it (`order-1795857814158`) looks personal, and is not.
function withKey(data: unknown, masked: unknown): unknown {
  const { idempotencyKey } = (data ?? {}) as Partial<Command>;
  const isKey = typeof idempotencyKey === 'string' && readIdempotencyKey(idempotencyKey) !== undefined;
  return isKey ? { ...(masked as object), idempotencyKey } : masked;
}

const isWriteName = (kind: string): kind is WriteName => Object.hasOwn(commandKinds, kind);

function writeOf({ kind }: Command): WriteName {
  if (isWriteName(kind)) return kind;
  throw fieldRefusal(
    '/kind',
    `There is no such command; the commands are ${Object.keys(commandKinds).join(', ')}.`,
  );
}

function paramsOf({ about }: CommandKind, { resourceId }: Command): Record<string, string> {
  if (about && resourceId === undefined)
    throw fieldRefusal('/resourceId', `This command needs its ${about} here.`);
  if (!about && resourceId !== undefined)
    throw fieldRefusal('/resourceId', 'This command takes no resource.');
  return about ? { [about]: resourceId! } : {};
}

const NO_SUCH_CONNECTION =
  'There is no such connection. `connection` takes the id or slug of one that `GET /v1/connections` lists.';

async function connectionOf(
  core: EventCore['core'],
  tenantId: string,
  idOrSlug: string,
): Promise<OpenConnection> {
  const stored = await core.stores.connections.find(core.database.direct, tenantId, idOrSlug);
  if (!stored) throw new Refusal('not-found', { detail: NO_SUCH_CONNECTION });
  return openConnection(core, stored);
}
