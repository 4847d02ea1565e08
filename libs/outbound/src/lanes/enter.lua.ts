import {
  AFTERLIFE_US,
  BURST_MARGIN_US,
  INTERACTIVE_MEMORY_US,
  LEAD_US,
  MARGIN_GROWTH_LIMIT_US,
  MARGIN_MEMORY_US,
  MARGIN_STEP_US,
  MARGIN_US,
  PEOPLE_AHEAD_US,
  UNSEEN_US,
} from './lane-rules.js';

// KEYS[1] the lane, KEYS[2] the epoch. ARGV 1 run id of the server · 2 starts that the provider allows · 3 window in µs · the rest is each script's own.
// A lane is "@<saved at> <not before> <extra margin> <its end> <last of class 1> … <4> <start 1> … <start N>", oldest start first.
const open = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local held = redis.call('MGET', KEYS[1], KEYS[2])
local function digits(x) return string.format('%.0f', x) end

-- Another run id: the store came back empty or with an older memory, so the last window's starts are not known.
local run, born = string.match(held[2] or '', '^(%S+) (%d+)$')
born = tonumber(born)
if run ~= ARGV[1] or born > now then
  born = now
  redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. digits(now))
end

local keep, per = tonumber(ARGV[2]), tonumber(ARGV[3])
local saved, kept = string.match(held[1] or '', '^@(%d+) (.*)$')
-- A clock that was set back: as far as the lane can know, no time has passed.
local back = math.max(0, tonumber(saved or 0) - now)
local log = {}
for x in string.gmatch(kept or held[1] or '0 0 0 0 0 0 0', '%d+') do log[#log + 1] = tonumber(x) end
local function first() return table.remove(log, 1) end
local function moment() return math.max(0, first() - back) end
local notBefore, extra, extraEnd = moment(), first(), moment()
local last = { moment(), moment(), moment(), moment() }
for i = 1, #log do log[i] = log[i] - back end
if extraEnd <= now then extra, extraEnd = 0, 0 end
local window = per + ${MARGIN_US} + extra
-- Starts that the lost memory gave may leave unseen for so much longer.
notBefore = math.max(notBefore, born + window + ${UNSEEN_US})

local function take(stamp)
  for i = 1, #log do
    if log[i] == stamp then return table.remove(log, i) end
  end
end

-- Starts that lie ahead must not crowd out those of the last window: a late one's stamp would have nowhere to move to.
local function add(stamp)
  log[#log + 1] = stamp
  table.sort(log)
  while #log > keep and log[1] < now - window - ${UNSEEN_US} do first() end
end

local function save()
  local out = { '@' .. digits(now), digits(notBefore > now and notBefore or 0), digits(extra), digits(extraEnd) }
  for i = 1, 4 do out[#out + 1] = digits(last[i]) end
  for i = 1, #log do out[#out + 1] = digits(log[i]) end
  local live = math.max(now, notBefore, extraEnd, (log[#log] or 0) + window) - now
  redis.call('SET', KEYS[1], table.concat(out, ' '), 'PX', math.ceil((live + ${AFTERLIFE_US}) / 1000))
end
-- Or no time would pass until the clock has caught up.
if back > 0 then save() end

-- The first moment from s that makes no window of so many starts too full; starts that lie beyond both the moment and the reach are not minded.
local function room(s, most, span, reach)
  for i = most, #log do
    local from, to = log[i - most + 1], log[i]
    if to > math.max(s, reach) then break end
    if to - from < span and s > to - span and s < from + span then s = from + span end
  end
  return s
end
`;

/** Only looks, which writes the epoch down where the store came back. */
export const beginScript = `${open}
return 1
`;

/** Asks for a start: replies granted (1 or 0), wait, stamp, time until the next free start, time until the next question (times in µs), how many starts now lie in the window, and the store's clock. After ARGV 13 nobody waits for the answer: nothing is given. */
export const enterScript = `${open}
local rank, horizon, budget = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local spacing, age, reserve, phase = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local unused, limit = take(tonumber(ARGV[11])), tonumber(ARGV[12])
if now > tonumber(ARGV[13]) then
  if unused then save() end
  return { 0, 0, 0, 0, 0, 0, now }
end
local floor = math.max(now, notBefore, born + window + phase)
local function recent(class) return last[class] > now - ${INTERACTIVE_MEMORY_US} end
local usable = limit
if reserve > 0 and recent(1) then usable = math.max(1, limit - reserve) end

local function slot(free, gap)
  local s, n = floor, #log
  if n >= free then s = math.max(s, log[n - free + 1] + window) end
  if n > 0 and gap > 0 then s = math.max(s, log[n] + gap) end
  return s
end

-- How far the class is behind: it is let in ahead of time once the lane's next start lies a whole age after its last one.
local function behind() return last[rank] > 0 and slot(limit, 0) - last[rank] or 0 end

-- A person's start that comes back keeps its place, as one that was late does: those after it that are looked at again are put off in their turn.
local function plan(returned)
  if returned and rank == 1 then return room(math.max(floor, returned), usable, window, now + ${UNSEEN_US}), horizon end
  if rank > 1 and behind() >= age then
    -- Between the starts that lie ahead, but puts no people off.
    local span = window + (rank == 4 and ${BURST_MARGIN_US} or 0)
    local s, behindAll = room(floor, limit, span, math.huge), slot(limit, 0)
    if s >= behindAll then return behindAll, budget end
    -- What people left free is taken when it is near, or who waits longest would take it all.
    return s, math.min(budget, ${PEOPLE_AHEAD_US} + per + horizon)
  end
  local s = slot(usable, spacing)
  if rank == 1 and s - now > ${PEOPLE_AHEAD_US} and (recent(2) or recent(3) or recent(4)) then
    s = slot(math.max(1, limit - 1), 0)
  end
  return s, horizon
end

local s, ahead = plan(unused)
local granted, wait, stamp = 0, s - now, 0
if wait <= ahead then
  granted, stamp = 1, math.max(s, now + ${LEAD_US})
  add(stamp)
  last[rank] = stamp
  save()
  s, ahead = plan()
else
  -- It has no place from now on: a newcomer's is told.
  if unused then s, ahead = plan() end
  local seldom = rank == 1 or not recent(rank)
  if seldom then last[rank] = (rank == 1 or last[rank] > 0) and now or s end
  if seldom or unused then save() end
end
local back = s - now - ahead + 500
if rank > 1 then back = math.min(back, math.max(50000, age - behind())) end
local used = 0
for i = 1, #log do if log[i] > now - per then used = used + 1 end end
return { granted, wait, stamp, s - now, math.max(back, 1000), math.min(used, keep), now }
`;

/** Looks at a start that was given a while ago (ARGV 4 its stamp, 5 when it was given, 6 how late it may become): replies whether it stands (1 or 0), how far off it is, and its stamp. */
export const lookScript = `${open}
local stamp, given, latest = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
if born >= given or notBefore > stamp or not take(stamp) then return { 0, 0, stamp } end
-- Starts before it may have been late, even later than its own: then it is put off until the window has room, which those after it see in their turn.
local s = room(stamp, keep, window, now + ${UNSEEN_US})
if s > stamp then
  if s > latest then return { 0, 0, stamp } end
  add(s)
  save()
end
return { 1, s - now, s }
`;

/** Moves a stamp (ARGV 4) to when the bytes went (ARGV 5); a stamp that is gone is entered anew, for the call was made. */
export const moveScript = `${open}
take(tonumber(ARGV[4]))
-- Bytes that went lie far ahead only by a clock that was set back since.
add(math.min(tonumber(ARGV[5]), now + 2 * window))
save()
return 1
`;

/** Holds the lane for ARGV 4 µs and grows its margin, once in a window however many calls were refused together. */
export const pauseScript = `${open}
notBefore = math.max(notBefore, now + tonumber(ARGV[4]))
if extraEnd - ${MARGIN_MEMORY_US} < now - window then
  extra = math.min(extra + ${MARGIN_STEP_US}, ${MARGIN_GROWTH_LIMIT_US})
  extraEnd = now + ${MARGIN_MEMORY_US}
end
save()
return 1
`;

/** Reads lanes: KEYS are lanes, ARGV their windows in µs; replies starts in the window, µs of hold, and 1 where a person called of late: three numbers a lane. */
export const useScript = `
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local out = {}
for i, value in ipairs(redis.call('MGET', unpack(KEYS))) do
  local used, hold, people, field = 0, 0, 0, 0
  local saved, kept = string.match(value or '', '^@(%d+) (.*)$')
  local seen = math.max(now, tonumber(saved or 0))
  for x in string.gmatch(kept or value or '', '%d+') do
    field = field + 1
    if field == 1 then hold = math.max(0, tonumber(x) - seen) end
    if field == 4 and tonumber(x) > seen - ${INTERACTIVE_MEMORY_US} then people = 1 end
    if field > 7 and tonumber(x) > seen - tonumber(ARGV[i]) then used = used + 1 end
  end
  out[#out + 1] = used
  out[#out + 1] = hold
  out[#out + 1] = people
end
return out
`;
