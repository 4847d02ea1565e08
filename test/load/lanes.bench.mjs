// Saturates lanes from several processes and prints what the provider saw. Needs a build:
//   npm run build && node test/load/lanes.bench.mjs --store redis --lanes 20 --processes 4 --seconds 30
// --askers all   every process asks for every lane (without it a lane belongs to one process, as with the pumps)
// --interactive 0.5   interactive calls per lane and second beside the bulk
// --strict   the provider answers 429 to the sixth call of a sliding second
// --idle 10000   this many lanes are used once at the start, and counted after they have been idle for 6 s
// --url   a running store; without it one is started for the run. Nothing leaves 127.0.0.1.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openPostgres, openRedis } from './lanes.stores.mjs';
import { quantile, sliding } from './sliding.mjs';

const LIMIT = 5;
const WINDOW_MS = 1_000;
// The pause of a new store and the first window are not the steady state.
const WARM_UP_MS = 3_000;

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'redis' },
    lanes: { type: 'string', default: '20' },
    processes: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '20' },
    askers: { type: 'string', default: 'one' },
    interactive: { type: 'string', default: '0' },
    strict: { type: 'boolean', default: false },
    idle: { type: 'string', default: '0' },
    url: { type: 'string' },
  },
});
const bounded = (name, most) => Math.min(Math.max(Number(values[name]) || 0, 1), most);
const plan = {
  store: values.store === 'postgres' ? 'postgres' : 'redis',
  lanes: bounded('lanes', 5_000),
  processes: bounded('processes', 16),
  seconds: bounded('seconds', 300),
  askers: values.askers === 'all' ? 'all' : 'one',
  interactive: Math.min(Math.max(Number(values.interactive) || 0, 0), 5),
  strict: values.strict,
  idle: Math.min(Math.max(Number(values.idle) || 0, 0), 100_000),
};

const store = await (plan.store === 'redis' ? openRedis(values.url) : openPostgres(values.url));
try {
  const figures = await run();
  console.table(figures);
  console.log(JSON.stringify({ benchmark: 'lanes', ...plan, ...figures }));
} finally {
  await store.close();
}

async function run() {
  const upstream = child('lanes.upstream.mjs', plan.strict ? [`${LIMIT}`, `${WINDOW_MS}`] : []);
  const [{ port }] = await once(upstream, 'message');
  const callers = Array.from({ length: plan.processes }, () => child('lanes.caller.mjs'));
  await Promise.all(callers.map(caller => once(caller, 'message')));
  const lanes = Array.from({ length: plan.lanes }, (_, index) => {
    return { index, fingerprint: `bench-${index}`, requests: LIMIT, perMs: WINDOW_MS };
  });
  const alone = await store.connections();
  const idle = plan.idle > 0 ? await touch(callers[0]) : {};
  const before = await store.scripts();
  const from = performance.timeOrigin + performance.now() + WARM_UP_MS;
  const reports = await Promise.all(callers.map((caller, i) => work(caller, i, lanes, port)));
  const scripts = (await store.scripts()) - before + sum(reports.map(report => report.questions));
  const connections = Math.max(...reports.map(report => report.connections));
  upstream.send('report');
  const [{ arrivals, refused }] = await once(upstream, 'message');
  const figures = measure({ reports, arrivals, scripts, from });
  return {
    ...figures,
    'provider: 429 %': percent(refused / sum([...arrivals.values()].map(each => each.length))),
    'store connections, before': alone,
    'store connections, at work': connections,
    'memory of a process, MiB': Math.max(...reports.map(report => report.rssMiB)),
    ...idle,
  };
}

/** Uses many lanes once, and counts what the store still holds of them after they have been idle. */
async function touch(caller) {
  caller.send({ touch: plan.idle, store: plan.store, url: store.url });
  const [{ connections }] = await once(caller, 'message');
  const keysAfterUse = await store.keys();
  await new Promise(resolve => setTimeout(resolve, 6_000));
  return {
    'idle lanes': plan.idle,
    'kept after use': keysAfterUse,
    'kept after 6 s': await store.keys(),
    'connections while idle': connections,
  };
}

async function work(caller, place, lanes, port) {
  const own = lanes.filter(lane => lane.index % plan.processes === place);
  // Interactive calls arrive in another process than the lane's pump.
  const others = lanes.filter(lane => (lane.index + 1) % plan.processes === place);
  caller.send({
    store: plan.store,
    url: store.url,
    port,
    bulk: plan.askers === 'all' ? lanes : own,
    interactive: others,
    perLaneSecond: plan.interactive,
    runMs: WARM_UP_MS + plan.seconds * 1_000,
  });
  const [report] = await once(caller, 'message');
  return report;
}

function measure({ reports, arrivals, scripts, from }) {
  const until = from + plan.seconds * 1_000;
  const inRun = at => at >= from && at < until;
  const inTime = [...arrivals.values()].map(stamps => stamps.filter(inRun));
  const rates = inTime.map(stamps => percent(perSecond(stamps) / LIMIT));
  const total = sum([...arrivals.values()].map(stamps => stamps.length));
  const waits = reports
    .flatMap(report => report.waits)
    .filter(wait => inRun(wait.at))
    .map(wait => wait.ms);
  const atDispatch = windows(merged(reports), from);
  const atProvider = windows(arrivals, from);
  return {
    'calls/s': round(sum(inTime.map(stamps => stamps.length)) / plan.seconds),
    'rate, average %': round(sum(rates) / plan.lanes),
    'rate, worst lane %': rates.length < plan.lanes ? 0 : Math.min(...rates),
    'rate, best lane %': Math.max(...rates),
    'dispatch: worst window': atDispatch.worst,
    'dispatch: windows over': atDispatch.over,
    'dispatch: tightest 6, ms': round(atDispatch.tightestMs),
    'provider: worst window': atProvider.worst,
    'provider: windows over': atProvider.over,
    'provider: tightest 6, ms': round(atProvider.tightestMs),
    'provider: over in warm-up': windows(arrivals, 0).over - atProvider.over,
    'scripts per call': round(scripts / total),
    'late sends %': percent(sum(reports.map(report => report.late)) / total),
    refused: sum(reports.map(report => report.refused)),
    'store down': sum(reports.map(report => report.down)),
    'failed sends': sum(reports.map(report => report.failed)),
    'caller CPU per call, ms': round(sum(reports.map(report => report.cpuMs)) / total),
    ...(waits.length > 0 && {
      'interactive calls': waits.length,
      'interactive wait p50, ms': round(quantile(waits, 0.5)),
      'interactive wait p99, ms': round(quantile(waits, 0.99)),
    }),
  };
}

// Over whole windows only: the partial ones at the edges of a run would raise or lower a lane's rate by chance.
function perSecond(stamps) {
  const sorted = stamps.toSorted((a, b) => a - b);
  const rounds = LIMIT * Math.floor((sorted.length - 1) / LIMIT);
  return rounds > 0 ? (1_000 * rounds) / (sorted[rounds] - sorted[0]) : 0;
}

function windows(perLane, from) {
  const each = [...perLane.values()].map(stamps =>
    sliding(
      stamps.filter(at => at >= from),
      LIMIT,
      WINDOW_MS,
    ),
  );
  return {
    worst: Math.max(...each.map(lane => lane.worst)),
    over: sum(each.map(lane => lane.over)),
    tightestMs: Math.min(...each.map(lane => lane.tightestMs)),
  };
}

function merged(reports) {
  const all = new Map();
  for (const [lane, stamps] of reports.flatMap(report => [...report.sent])) {
    all.set(lane, [...(all.get(lane) ?? []), ...stamps]);
  }
  return all;
}

function child(file, given = []) {
  return fork(join(import.meta.dirname, file), given, { serialization: 'advanced' });
}

function sum(numbers) {
  return numbers.reduce((a, b) => a + b, 0);
}

function round(value) {
  return Math.round(value * 100) / 100;
}

function percent(value) {
  return round(100 * value);
}
