import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A filtered list of operations, and what is kept of one person, are found without reading what other kinds and connections left. */
export class Lists1764000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ofKind);
    await runner.query(ofConnection);
    await runner.query(open(`'unknown','needs-review','cancelled','expired','rejected'`));
    await runner.query(ofPerson);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index operations_kind, operations_connection');
    await runner.query('drop index provider_calls_connection, idempotency_keys_operation, records_customer');
    await runner.query(open(`'unknown','needs-review','cancelled','expired'`));
  }
}

// An operation's row is written four times, and each writes into all of its indexes. So sales, which are nearly all of the rows,
// stay out of this one: a page of them is found at the head of the tenant's own list.
const ofKind = `
  create index operations_kind on operations (tenant_id, kind, id desc) where kind <> 'createPurchase';
`;

// The one that sales pay for too: a connection made yesterday beside one with years of sales would be sought in all of them.
const ofConnection = `create index operations_connection on operations (connection_id, id desc)`;

// Also refusals: few, written once, at their end. What succeeded is never rare, what runs has the indexes of those who run it.
const open = (states: string): string => `
  drop index operations_open;
  create index operations_open on operations (tenant_id, state, id desc) where state in (${states});
`;

// Lines of the log and keys are indexed once, when they are written; records are few. The log has no index of its words, which
// would cost more than the lines do: a person is sought in what was said to their own connection.
const ofPerson = `
  create index provider_calls_connection on provider_calls (connection_id, id desc);
  create index idempotency_keys_operation on idempotency_keys (operation_id);
  create index records_customer on records (customer_id) where customer_id is not null;
`;
