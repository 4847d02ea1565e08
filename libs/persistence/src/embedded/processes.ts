import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Distinguishes a running process from a later one with the same id. */
export interface ProcessFacts {
  /** Start time in the system's own format; only for comparison. */
  started: string;
  command: string;
}

/** The facts of a running process; undefined when no process has this id. */
export function describeProcess(pid: number): ProcessFacts | undefined {
  return existsSync('/proc/self/stat') ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may contain anything, so fields are counted after it: [0] is the state, [19] the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { started: fields[19] ?? '', command };
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): ProcessFacts | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'lstart=,command=', '-p', String(pid)], {
      encoding: 'utf8',
    }).trim();
    // lstart is always 24 characters: "Sat Nov 21 09:30:00 2026".
    return line ? { started: line.slice(0, 24), command: line.slice(24).trim() } : undefined;
  } catch {
    return undefined;
  }
}
