import { headText, send } from '../answer.js';
import type { Rendered } from '../answer.js';
import { commits, rightAnswer } from './faulty-call.js';
import type { FaultyCall, InjectFault } from './faulty-call.js';

const reset: InjectFault = ({ incoming }) => void incoming.socket.resetAndDestroy();

/** Commits if the rule or the default says so, and never answers. */
const silent =
  (usually: boolean, then: InjectFault = () => {}): InjectFault =>
  call => {
    if (commits(call, usually)) call.commit();
    then(call);
  };

/** Connection faults: it breaks, hangs, or stops halfway. */
export const connectionFaults = {
  'reset-before-reading': reset,
  'keepalive-close': ({ incoming }) => void incoming.socket.destroy(),
  'black-hole': silent(false),
  'commit-then-reset': silent(true, reset),
  'commit-then-hang': silent(true),
  'truncated-length': call => {
    const right = withBody(rightAnswer(call));
    breakOff(call, headText(right, { 'content-length': String(right.bytes.length) }), half(right));
  },
  'truncated-chunk': call => {
    const right = withBody(rightAnswer(call));
    const head = headText(right, { 'transfer-encoding': 'chunked' });
    breakOff(call, `${head}${right.bytes.length.toString(16)}\r\n`, half(right));
  },
  'late-answer': call => {
    const right = rightAnswer(call);
    const timer = setTimeout(() => send(call.response, right), call.params.delayMs ?? 50);
    call.response.once('close', () => clearTimeout(timer));
  },
  slow: call => {
    const right = withBody(rightAnswer(call));
    const head = headText(right, { 'content-length': String(right.bytes.length), connection: 'close' });
    const whole = Buffer.concat([Buffer.from(head), right.bytes]);
    drip(call, whole, call.params.head ? 0 : Buffer.byteLength(head));
  },
} satisfies Record<string, InjectFault>;

// An answer without a body has no middle to break off in.
const withBody = (right: Rendered): Rendered =>
  right.bytes.length > 1 ? right : { ...right, status: 200, bytes: Buffer.from('{}') };

const half = ({ bytes }: Rendered): Buffer => bytes.subarray(0, Math.floor(bytes.length / 2));

function breakOff({ incoming: { socket } }: FaultyCall, head: string, bytes: Buffer): void {
  socket.write(head);
  socket.end(bytes);
}

/** Sends the first part at once and the rest byte by byte, until the caller disconnects. */
function drip({ incoming: { socket }, params }: FaultyCall, whole: Buffer, atOnce: number): void {
  let next = atOnce;
  if (atOnce > 0) socket.write(whole.subarray(0, atOnce));
  const timer = setInterval(() => {
    socket.write(whole.subarray(next, next + 1));
    next += 1;
    if (next < whole.length) return;
    clearInterval(timer);
    socket.end();
  }, params.intervalMs ?? 1_000);
  socket.once('close', () => clearInterval(timer));
}
