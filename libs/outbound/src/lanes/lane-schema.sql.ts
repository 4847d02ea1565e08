import {
  AFTERLIFE_US,
  BURST_MARGIN_US,
  INTERACTIVE_MEMORY_US,
  LEAD_US,
  MARGIN_GROWTH_LIMIT_US,
  MARGIN_MEMORY_US,
  MARGIN_STEP_US,
  PEOPLE_AHEAD_US,
  POSTGRES_MARGIN_US,
  UNSEEN_US,
} from './lane-rules.js';

// All times are microseconds since 1970 in the server's clock. The tables are UNLOGGED: a crash empties them, and then
// the epoch is gone as well; a clean restart keeps them, and then the server's start tells that starts may be unknown.
const FAR_US = '9223372036854775807';

const tables = `
create unlogged table lane_epoch (
  one boolean primary key default true check (one),
  born bigint not null
);

create unlogged table lane_log (
  fingerprint text primary key,
  not_before bigint not null default 0,
  extra bigint not null default 0,
  extra_end bigint not null default 0,
  last bigint[] not null default '{0,0,0,0}',
  starts bigint[] not null default '{}',
  saved_at bigint not null default 0,
  expires_at bigint not null default 0
) with (fillfactor = 50);
`;

const basics = `
create function lane_now() returns bigint language sql volatile as
$$ select (extract(epoch from clock_timestamp()) * 1000000)::bigint $$;

create function lane_server_start() returns bigint language sql stable as
$$ select (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint $$;

create function lane_window(lane lane_log, per bigint, moment bigint) returns bigint language sql immutable as
$$ select per + ${POSTGRES_MARGIN_US} + case when lane.extra_end > moment then lane.extra else 0 end $$;

create function lane_slot(starts bigint[], usable int, gap bigint, span bigint, floor bigint) returns bigint
language sql immutable as $$
  select greatest(
    floor,
    case when cardinality(starts) >= usable then starts[cardinality(starts) - usable + 1] + span end,
    case when gap > 0 and cardinality(starts) > 0 then starts[cardinality(starts)] + gap end)
$$;

-- The first moment from floor that makes no window of so many starts too full; starts that lie beyond both the moment and the reach are not minded.
create function lane_room(starts bigint[], usable int, span bigint, floor bigint, reach bigint) returns bigint
language plpgsql immutable as $$
declare
  room bigint := floor;
begin
  for i in usable..cardinality(starts) loop
    exit when starts[i] > greatest(room, reach);
    if starts[i] - starts[i - usable + 1] < span and room > starts[i] - span and room < starts[i - usable + 1] + span then
      room := starts[i - usable + 1] + span;
    end if;
  end loop;
  return room;
end $$;

create function lane_without(starts bigint[], start bigint) returns bigint[] language sql immutable as $$
  select case when start = any (starts)
    then starts[:array_position(starts, start) - 1] || starts[array_position(starts, start) + 1:]
    else starts end
$$;

-- Starts that lie ahead must not crowd out those of the last window: a late one's stamp would have nowhere to move to.
create function lane_with(starts bigint[], start bigint, keep int, since bigint) returns bigint[]
language sql immutable as $$
  select array_agg(s order by s) from (
    select s from unnest(starts || start) s order by s desc
    limit greatest(keep, (select count(*) from unnest(starts || start) s where s >= since))
  ) newest
$$;
`;

// As far as the lane can know, no time has passed.
const setBack = `
create function lane_earlier(moments bigint[], back bigint) returns bigint[] language sql immutable as $$
  select coalesce(array_agg(greatest(0, m.moment - back) order by m.place), '{}')
  from unnest(moments) with ordinality m(moment, place)
$$;

create function lane_set_back(lane lane_log, back bigint) returns lane_log language plpgsql immutable as $$
begin
  lane.not_before := lane.not_before - back;
  lane.extra_end := lane.extra_end - back;
  lane.last := lane_earlier(lane.last, back);
  lane.starts := lane_earlier(lane.starts, back);
  return lane;
end $$;
`;

// The row's lock is what makes the law one for all processes: every writer of a lane passes here first, and looks at the clock after it.
const open = `
create function lane_open(p_fingerprint text, per bigint, out lane lane_log, out moment bigint,
  out began bigint, out since bigint)
language plpgsql as $$
begin
  -- Before any lane is locked: who waits here for another's first word must not hold what that one needs next.
  select e.born into began from lane_epoch e;
  if not found then
    insert into lane_epoch (born) values (lane_now()) on conflict do nothing;
    select e.born into began from lane_epoch e;
  end if;
  -- A clock that was set back to before that word: it counts from here.
  if began > lane_now() then
    update lane_epoch e set born = lane_now() where e.born > lane_now();
    began := lane_now();
  end if;
  loop
    select l.* into lane from lane_log l where l.fingerprint = p_fingerprint for update;
    exit when found;
    insert into lane_log (fingerprint) values (p_fingerprint) on conflict do nothing;
  end loop;
  moment := lane_now();
  if lane.saved_at > moment then
    lane := lane_set_back(lane, lane.saved_at - moment);
    perform lane_save(lane, per, moment);
  end if;
  if lane_server_start() <= moment then
    began := greatest(began, lane_server_start());
  end if;
  since := moment - lane_window(lane, per, moment) - ${UNSEEN_US};
  -- Starts that the lost memory gave may leave unseen for so much longer.
  lane.not_before := greatest(lane.not_before, began + lane_window(lane, per, moment) + ${UNSEEN_US});
end $$;

create function lane_save(lane lane_log, per bigint, moment bigint) returns void language sql as $$
  update lane_log set not_before = lane.not_before, extra = lane.extra, extra_end = lane.extra_end,
    last = lane.last, starts = lane.starts, saved_at = moment,
    expires_at = ${AFTERLIFE_US} + greatest(moment, lane.not_before, lane.extra_end,
      lane.starts[cardinality(lane.starts)] + lane_window(lane, per, moment))
  where fingerprint = lane.fingerprint
$$;
`;

const enter = `
create function lane_enter(p_fingerprint text, p_keep int, per bigint, class int, horizon bigint, budget bigint,
  spacing bigint, age bigint, reserve int, phase bigint, unused bigint, p_limit int,
  not_after bigint, out granted boolean, out wait bigint, out stamp bigint, out free bigint, out back bigint,
  out used int, out moment bigint)
language plpgsql as $$
declare
  opened record;
  lane lane_log;
  span bigint;
  floor bigint;
  gives_back boolean;
  seldom boolean;
  usable int := p_limit;
  slot bigint;
  soonest bigint;
  behind bigint;
  ahead bigint;
begin
  select * into opened from lane_open(p_fingerprint, per);
  lane := opened.lane;
  moment := opened.moment;
  span := lane_window(lane, per, moment);
  floor := greatest(moment, lane.not_before, opened.began + span + phase);
  gives_back := unused = any (lane.starts);
  lane.starts := lane_without(lane.starts, unused);
  granted := false;
  stamp := 0;
  if moment > not_after then
    if gives_back then perform lane_save(lane, per, moment); end if;
    return;
  end if;
  if reserve > 0 and lane.last[1] > moment - ${INTERACTIVE_MEMORY_US} then
    usable := greatest(1, p_limit - reserve);
  end if;
  for pass in 1..2 loop
    slot := lane_slot(lane.starts, usable, spacing, span, floor);
    soonest := lane_slot(lane.starts, p_limit, 0, span, floor);
    ahead := horizon;
    behind := case when lane.last[class] > 0 then soonest - lane.last[class] else 0 end;
    -- A class that is a whole age behind is let in ahead of time.
    if class > 1 and behind >= age then
      -- Between the starts that lie ahead, but puts no people off.
      slot := lane_room(lane.starts, p_limit, span + case class when 4 then ${BURST_MARGIN_US} else 0 end,
        floor, ${FAR_US});
      -- What people left free is taken when it is near, or who waits longest would take it all.
      ahead := case when slot < soonest then least(budget, ${PEOPLE_AHEAD_US} + per + horizon) else budget end;
      slot := least(slot, soonest);
    elsif class = 1 and slot - moment > ${PEOPLE_AHEAD_US}
      and greatest(lane.last[2], lane.last[3], lane.last[4]) > moment - ${INTERACTIVE_MEMORY_US} then
      slot := lane_slot(lane.starts, greatest(1, p_limit - 1), 0, span, floor);
    end if;
    -- A person's start that comes back keeps its place, as one that was late does: those after it that are looked at again are put off in their turn.
    if pass = 1 and gives_back and class = 1 then
      slot := lane_room(lane.starts, usable, span, greatest(floor, unused), moment + ${UNSEEN_US});
    end if;
    free := slot - moment;
    exit when pass = 2;
    wait := free;
    if wait > ahead then
      -- One that comes back has no place from now on: a newcomer's is told.
      continue when gives_back;
      exit;
    end if;
    granted := true;
    stamp := greatest(slot, moment + ${LEAD_US});
    lane.starts := lane_with(lane.starts, stamp, p_keep, opened.since);
    lane.last[class] := stamp;
    perform lane_save(lane, per, moment);
  end loop;
  seldom := class = 1 or lane.last[class] <= moment - ${INTERACTIVE_MEMORY_US};
  if not granted and seldom then
    lane.last[class] := case when class = 1 or lane.last[class] > 0 then moment else slot end;
  end if;
  if not granted and (seldom or gives_back) then
    perform lane_save(lane, per, moment);
  end if;
  back := free - ahead + 500;
  if class > 1 then back := least(back, greatest(50000, age - behind)); end if;
  back := greatest(back, 1000);
  select least(count(*), p_keep) into used from unnest(lane.starts) s where s > moment - per;
end $$;
`;

const look = `
create function lane_look(p_fingerprint text, p_keep int, per bigint, old_stamp bigint, given_at bigint, latest bigint,
  out stands boolean, out wait bigint, out stamp bigint)
language plpgsql as $$
declare
  opened record;
  lane lane_log;
  others bigint[];
begin
  select * into opened from lane_open(p_fingerprint, per);
  lane := opened.lane;
  others := lane_without(lane.starts, old_stamp);
  -- Starts before it may have been late, even later than its own: then it is put off until the window has room, which those after it see in their turn.
  stamp := lane_room(others, p_keep, lane_window(lane, per, opened.moment), old_stamp, opened.moment + ${UNSEEN_US});
  stands := opened.began < given_at and lane.not_before <= old_stamp and old_stamp = any (lane.starts)
    and (stamp = old_stamp or stamp <= latest);
  if not stands then
    stamp := old_stamp;
  elsif stamp > old_stamp then
    lane.starts := lane_with(others, stamp, p_keep, opened.since);
    perform lane_save(lane, per, opened.moment);
  end if;
  wait := stamp - opened.moment;
end $$;
`;

const moveAndPause = `
create function lane_move(p_fingerprint text, p_keep int, per bigint, old_stamp bigint, new_stamp bigint) returns void
language plpgsql as $$
declare
  opened record;
  lane lane_log;
  moment bigint;
begin
  select * into opened from lane_open(p_fingerprint, per);
  lane := opened.lane;
  moment := opened.moment;
  -- A stamp that is gone is entered anew, for the call was made. Bytes that went lie far ahead only by a clock that was set back since.
  lane.starts := lane_with(lane_without(lane.starts, old_stamp),
    least(new_stamp, moment + 2 * lane_window(lane, per, moment)), p_keep, opened.since);
  perform lane_save(lane, per, moment);
end $$;

create function lane_pause(p_fingerprint text, per bigint, duration bigint) returns void
language plpgsql as $$
declare
  opened record;
  lane lane_log;
  moment bigint;
begin
  select * into opened from lane_open(p_fingerprint, per);
  lane := opened.lane;
  moment := opened.moment;
  lane.not_before := greatest(lane.not_before, moment + duration);
  -- Once in a window, however many calls were refused together.
  if lane.extra_end - ${MARGIN_MEMORY_US} < moment - lane_window(lane, per, moment) then
    lane.extra := least(${MARGIN_GROWTH_LIMIT_US},
      ${MARGIN_STEP_US} + case when lane.extra_end > moment then lane.extra else 0 end);
    lane.extra_end := moment + ${MARGIN_MEMORY_US};
  end if;
  perform lane_save(lane, per, moment);
end $$;
`;

/** The SQL of the lanes in Postgres: two unlogged tables and the functions that are the law; `prepareLanes` runs it. */
export const laneSchemaSql = tables + basics + setBack + open + enter + look + moveAndPause;
