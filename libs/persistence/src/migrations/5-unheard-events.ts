import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Events of a tenant to whom nobody listens are done when they are written: they wake nobody. */
export class UnheardEvents1764000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(unheard);
    await runner.query(listening);
    await runner.query(wakeUp);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop trigger events_unheard on events');
    await runner.query('drop trigger subscriptions_listening on subscriptions');
    await runner.query('drop function events_unheard(), subscriptions_listening()');
    await runner.query('drop trigger events_written on events');
    await runner.query(
      'create trigger events_written after insert on events for each statement execute function events_written()',
    );
  }
}

// The lock lets a new subscription stand before or after an event's transaction, never between its look and its end.
const unheard = `
  create function events_unheard() returns trigger language plpgsql as $$
  begin
    perform pg_advisory_xact_lock_shared(hashtextextended('events ' || new.tenant_id, 0));
    if not exists (select 1 from subscriptions where tenant_id = new.tenant_id and state = 'active') then
      new.fanned_out_at := coalesce(new.fanned_out_at, now());
    end if;
    return new;
  end $$;
  create trigger events_unheard before insert on events for each row execute function events_unheard();
`;

const listening = `
  create function subscriptions_listening() returns trigger language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(hashtextextended('events ' || new.tenant_id, 0));
    return new;
  end $$;
  create trigger subscriptions_listening before insert or update of state on subscriptions
    for each row when (new.state = 'active') execute function subscriptions_listening();
`;

const wakeUp = `
  drop trigger events_written on events;
  create trigger events_written after insert on events
    for each row when (new.fanned_out_at is null) execute function events_written();
`;
