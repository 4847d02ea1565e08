import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Told } from '../../support/gateway.js';
import type { Till } from './till.js';

/** A write that every provider must do exactly once. */
export interface Wish {
  path: string;
  body: object;
  /** The type of its effect in the sandbox's ledger. */
  effect: string;
  status?: number;
}

const effects = async (till: Till, type: string) =>
  (await till.world.effects(till.connection.provider)).filter(effect => effect.type === type).length;

/** Sends a write, repeats it, and sends other content with the same key: one effect, one answer. */
export async function writeOnce(
  till: Till,
  { path, body, effect, status = 201 }: Wish,
  other: object,
): Promise<Told> {
  const before = await effects(till, effect);
  const headers = { 'idempotency-key': randomUUID() };
  const told = await till.ask({ method: 'POST', path, body, headers });
  expect(told, JSON.stringify(told.body)).toMatchObject({
    status,
    body: { operationId: expect.stringMatching(/^opr_/) },
  });
  const again = await till.ask({ method: 'POST', path, body, headers });
  expect(again).toMatchObject({ status, body: told.body, headers: { 'idempotency-replayed': 'true' } });
  const wrong = await till.ask({ method: 'POST', path, body: { ...body, ...other }, headers });
  expect(wrong).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  expect(await effects(till, effect)).toBe(before + 1);
  const operation = await till.get(`/v1/operations/${told.body.operationId}`);
  expect(operation.body).toMatchObject({ state: 'succeeded', outcome: 'executed', evidence: 'proof' });
  return told;
}

/** The same content under a new key gives the same resource; other content under its reference is refused. */
export async function matchedByReference(
  till: Till,
  { path, body, effect }: Wish,
  other: object,
): Promise<void> {
  const before = await effects(till, effect);
  const same = await till.post(path, body);
  expect(same.status).toBe(200);
  const told = await till.post(path, { ...body, ...other });
  expect(told).toMatchObject({ status: 409, body: { code: 'duplicate-reference', outcome: 'not-executed' } });
  expect(await effects(till, effect)).toBe(before);
}
