// Measures the CPU and memory of processes, and stores results.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';

const TICK_MS = 10;

/** CPU time of processes and all their descendants, in milliseconds; NaN where there is no /proc (Linux only). */
export function cpuMs(pids) {
  if (!existsSync('/proc/self/stat')) return Number.NaN;
  const stats = new Map();
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name)) stats.set(Number(name), statOf(name));
  }
  const family = new Set(pids);
  for (let grew = true; grew;) {
    grew = false;
    for (const [pid, stat] of stats) {
      if (stat && family.has(stat.parent) && !family.has(pid)) grew = !!family.add(pid);
    }
  }
  let ticks = 0;
  for (const pid of family) ticks += stats.get(pid)?.ticks ?? 0;
  return ticks * TICK_MS;
}

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // Own time and that of children that have ended.
    const ticks = fields.slice(11, 15).reduce((sum, value) => sum + Number(value), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    return undefined; // The process has ended meanwhile.
  }
}

/** Resident memory of one process in MiB. */
export function residentMiB(pid) {
  const pages = existsSync(`/proc/${pid}/statm`)
    ? readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]
    : 'NaN';
  return Math.round((Number(pages) * 4096) / 1024 / 1024);
}

/** Prints a table and stores it as JSON, with the machine and its load average. */
export async function keep(part, rows, facts = {}) {
  console.log(`\n${part}`);
  console.table(rows);
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: process.platform,
    loadAverage: loadavg().map(load => Math.round(load * 100) / 100),
  };
  const folder = join(import.meta.dirname, 'results');
  await mkdir(folder, { recursive: true });
  const result = {
    part,
    at: new Date().toISOString(),
    command: process.argv.slice(2).join(' '),
    machine,
    ...facts,
    rows,
  };
  await writeFile(join(folder, `${part}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

export const round = (value, digits = 2) => Math.round(value * 10 ** digits) / 10 ** digits;
