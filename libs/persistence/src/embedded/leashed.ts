import { spawn, type ChildProcess } from 'node:child_process';
import type { Account } from './account.js';

// $1 is the signal. The shell reads our end of a pipe: however we end, kill -9 included, the pipe closes and the server
// is told to stop. `read` waits in the background so that the shell also sees a server that ends by itself.
const KEEPER = `
  signal=$1; shift
  exec 3<&0
  "$@" 3<&- & server=$!
  ( read -r _; kill -s "$signal" "$server" ) <&3 & leash=$!
  wait "$server"; status=$?
  kill "$leash" 2>/dev/null
  exit "$status"`;

/** How a server is run that must not outlive this process. */
export interface Leash {
  /** Absent: as whoever runs this process. */
  account?: Account;
  /** The signal that stops it in good order, e.g. INT. */
  signal: string;
  /** Open file that takes both of its output streams. */
  output: number;
}

/**
 * Runs a server that stops when the child's stdin is closed, or when this process ends in any way.
 * It has a session of its own, so that Ctrl-C at the terminal does not reach it.
 */
export function spawnLeashed(
  command: string[],
  { account = { prefix: [] }, signal, output }: Leash,
): ChildProcess {
  const [program = 'sh', ...words] = [...account.prefix, 'sh', '-c', KEEPER, 'sh', signal, ...command];
  const child = spawn(program, words, {
    ...account.ids,
    cwd: '/',
    detached: true,
    stdio: ['pipe', output, output],
  });
  // Neither the child nor its pipe keeps this process alive.
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return child;
}
