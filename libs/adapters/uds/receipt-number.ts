import { bareText } from '#adapter-kit';

const SHORTEST_CUT = 8;

/** Whether UDS may have stored our receipt number in this form: truncated, in capitals, without spaces, signs or leading zeros. */
export function mayBeNumber(theirs: string, ours: string): boolean {
  const [written, sent] = [bare(theirs), bare(ours)];
  const cut = written.length >= SHORTEST_CUT && (sent.startsWith(written) || sent.endsWith(written));
  return cut || written === sent;
}

const bare = (number: string): string => bareText(number).replace(/^0+/, '');
