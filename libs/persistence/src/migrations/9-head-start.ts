import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A write that is sent at once is inserted as `dispatching`; its timeline begins with `queued` like any other. */
export class HeadStart1764000000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      timeline(`
      if tg_op = 'INSERT' and new.state <> 'queued' then
        insert into operation_events (operation_id, tenant_id, state, detail)
        values (new.id, new.tenant_id, 'queued', '{"outcome": "not-executed"}');
      end if;`),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(timeline(''));
  }
}

const timeline = (before: string): string => `
  create or replace function operations_timeline() returns trigger language plpgsql as $$
  begin${before}
    if tg_op = 'INSERT' or new.state is distinct from old.state then
      insert into operation_events (operation_id, tenant_id, state, detail)
      values (new.id, new.tenant_id, new.state, jsonb_strip_nulls(jsonb_build_object(
        'outcome', new.outcome, 'evidence', nullif(new.evidence, 'none'), 'attempt', nullif(new.attempts, 0), 'note', new.note)));
    end if;
    return null;
  end $$;
`;
