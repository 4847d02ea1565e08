import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A spend that may stand and is to be sent again holds back the customer's next one, as an unknown one does. */
export class DoubtedSpends1764000000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // First of all: a row that is changed below, and then the index, would be locked in the other order than a running process does it.
    await runner.query('lock table operations in access exclusive mode');
    await runner.query(besideAnother);
    await runner.query(
      spend(`(state in ('dispatching','unknown','needs-review') or (state = 'queued' and write_sent))`),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(spend(`state in ('dispatching','unknown','needs-review')`));
  }
}

// Those that stand beside another one already go on as they began; the other one, which was sent later, forbids to judge them by a balance.
const besideAnother = `
  update operations o set spend = false where o.spend and o.state = 'queued' and o.write_sent and exists (
    select 1 from operations other where other.connection_id = o.connection_id and other.customer_lock = o.customer_lock
      and other.spend and other.id <> o.id
      and (other.state in ('dispatching','unknown','needs-review') or (other.state = 'queued' and other.write_sent and other.id < o.id)))
`;

const spend = (open: string): string => `
  drop index operations_spend;
  create unique index operations_spend on operations (connection_id, customer_lock) where spend and ${open};
`;
