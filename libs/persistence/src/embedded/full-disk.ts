import { CannotStart } from './cannot-start.js';

const codes = new Set(['ENOSPC', 'EDQUOT']);
const words = /no space left on device|disk quota exceeded/i;

/** The sentence for whoever runs a start that ended for want of room below `place`; any other error as it is. */
export function toldIfFull(error: unknown, place: string): unknown {
  if (!(error instanceof Error)) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return codes.has(code) || words.test(message) ? diskFull(place) : error;
}

/** Why initdb could not make a database: its own complaint, without its report of what went well. */
export function initdbFault(output: string, dataPath: string): CannotStart {
  if (words.test(output)) return diskFull(dataPath);
  const lines = output.trim().split('\n');
  const complaint = lines.find(line => /\b(error|FATAL|PANIC):/.test(line)) ?? lines.at(-1)!;
  return new CannotStart(`PostgreSQL could not make a database in ${dataPath}: ${complaint.trim()}`);
}

function diskFull(place: string): CannotStart {
  return new CannotStart(
    `The disk of ${place} is full: make room on it, or set DATA_DIR to a directory on another one.`,
  );
}
