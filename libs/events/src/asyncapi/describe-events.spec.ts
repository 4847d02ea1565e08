import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';
import { Command, GatewayEvent, PurchaseCreate } from '#canonical';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { commandKinds } from '../command-kinds.js';
import { eventTypes } from '../event-types.js';
import { describeEvents } from '../index.js';

interface Described {
  channels: Record<string, { address: string }>;
  components: { schemas: Record<string, { required?: string[]; properties?: Record<string, unknown> }> };
}
const document = describeEvents() as Described;

it('is a valid AsyncAPI document', async () => {
  const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document));
  expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([]);
  const addresses = parsed!
    .channels()
    .all()
    .map(channel => channel.address());
  expect(new Set(addresses)).toEqual(
    new Set(['{url}', '{queue}', 'loyalty.commands', 'loyalty.commands.dead']),
  );
});

it('names every event type, and docs/events.md every family', () => {
  const page = readFileSync('docs/events.md', 'utf8');
  for (const type of eventTypes) {
    expect(JSON.stringify(document)).toContain(`\`${type}\``);
    expect(page).toContain(`\`${type.split('.')[0]}.`);
  }
});

it('has the same properties and rules as the validator', () => {
  const { schemas } = document.components;
  expect(schemas[GatewayEvent.name]!.required).toEqual(['id', 'type', 'timestamp', 'sequence', 'data']);
  expect(Object.keys(schemas[Command.name]!.properties!)).toEqual([
    'connection',
    'idempotencyKey',
    'kind',
    'body',
    'resourceId',
  ]);
  for (const { body } of Object.values(commandKinds)) expect(schemas).toHaveProperty(body.name);
  expect(schemas[PurchaseCreate.name]!.properties).toHaveProperty('receipt');
});

it('accepts a command that the gateway accepts, and refuses one with the body of another kind', () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'doc', ...document });
  const accepts = ajv.compile({ $ref: 'doc#/components/schemas/TypedCommand' });
  const command = {
    connection: 'uds-main',
    idempotencyKey: 'order-2026-000117-1',
    kind: 'createPurchase',
    body: {
      identifier: { type: 'code', value: '123456' },
      merchantReference: 'order-1',
      receipt: { total: { amount: '1000.00', currency: 'RUB' } },
    },
  };
  expect(accepts(command), JSON.stringify(accepts.errors)).toBe(true);
  expect(accepts({ ...command, kind: 'createRefund' })).toBe(false);
  expect(
    accepts({ ...command, body: { ...command.body, receipt: { total: { amount: 1000, currency: 'RUB' } } } }),
  ).toBe(false);
});
