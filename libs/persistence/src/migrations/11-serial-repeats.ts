import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A write that is to be sent again keeps its turn: a newer one of its kind waits, or the repeat would undo it. */
export class SerialRepeats1764000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(withoutTurn);
    await runner.query(serial(`(state in ('dispatching','unknown') or (state = 'queued' and write_sent))`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(serial(`state in ('dispatching','unknown')`));
  }
}

// Those that stand beside another one already go on as they began.
const withoutTurn = `
  update operations o set serial_key = null where o.serial_key is not null and o.state = 'queued' and o.write_sent and exists (
    select 1 from operations other where other.lane = o.lane and other.serial_key = o.serial_key and other.id <> o.id
      and (other.state in ('dispatching','unknown') or (other.state = 'queued' and other.write_sent and other.id < o.id)))
`;

const serial = (open: string): string => `
  drop index operations_serial;
  create unique index operations_serial on operations (lane, serial_key) where serial_key is not null and ${open};
`;
