/** Every fault that the sandbox can inject, with its description; the ledger changes only where the description says so. */
export const faults = {
  'port-closed': 'the port itself refuses connections for params.forMs (1000); at once, not per call',
  refused:
    'a new connection is reset at accept, before a byte is read; per connection, so without a provider',
  'reset-before-reading': 'the connection is reset before the body is read; no effect',
  'keepalive-close': 'the call is dropped when it comes over a connection that was used before; no effect',
  'black-hole': 'the request is read and never answered; no effect',
  'commit-then-reset': 'the effect happens, then the connection is reset',
  'commit-then-hang': 'the effect happens, and nothing is ever answered',
  'commit-then-500': 'the effect happens, and the answer is 500',
  '500-without-commit': 'the answer is 500; no effect',
  '502-html': 'an HTML page with 502; no effect',
  '503-html': 'an HTML page with 503; no effect',
  '429-without-retry-after': 'the provider\'s own "too many requests", without Retry-After; no effect',
  '429-retry-after-0': 'the same with Retry-After: 0; no effect',
  '429-retry-after-3600': 'the same with Retry-After: 3600; no effect',
  '429-retry-after-date': 'the same with a Retry-After date, params.delayMs (30000) ahead; no effect',
  '429-retry-after-rubbish': 'the same with Retry-After: soon; no effect',
  'truncated-length': 'the effect happens; the body ends before its Content-Length',
  'truncated-chunk': 'the effect happens; the body ends inside a chunk',
  'html-200': 'the effect happens; the answer is an HTML page with 200',
  'bom-200': 'the effect happens; the right answer with a byte order mark before it',
  'refusal-200': 'the refusal of an unknown credential (or params.body), but with status 200; no effect',
  'drift-missing': 'the effect happens; a field of the answer is missing (params.pointer, else drawn)',
  'drift-renamed': 'the effect happens; a field of the answer has another name',
  'drift-null': 'the effect happens; a field of the answer is null',
  'drift-new-word': 'the effect happens; a text of the answer is a word that no document knows',
  'drift-extra': 'the effect happens; every object of the answer has one more field',
  'drift-retyped': 'the effect happens; numbers come as texts and numeric texts as numbers',
  slow: 'the effect happens; the body comes one byte every params.intervalMs (1000), with params.head the head too',
  'late-answer': 'the effect happens; the right answer comes params.delayMs (50) late',
  'huge-body': 'the effect happens; the body is params.bytes (104857600) long',
  'gzip-bomb': 'the effect happens; a small gzip body that unpacks to params.bytes (104857600)',
  redirect: 'params.status (307) to the same path at params.to (http://redirected.invalid); no effect',
  'clock-skew':
    'the right answer of a provider whose clock, Date header included, is params.offsetMs (600000) off',
  'late-commit':
    '504 now; the effect happens params.delayMs (5000) later, or when the clock is moved past it',
} as const;

/** A fault's name. */
export type FaultName = keyof typeof faults;

/** The names of all faults. */
export const faultNames = Object.keys(faults) as FaultName[];

/** Parameters of a fault; `commit` overrides whether its effect happens. */
export interface FaultParams {
  commit?: boolean;
  forMs?: number;
  delayMs?: number;
  offsetMs?: number;
  intervalMs?: number;
  bytes?: number;
  status?: number;
  to?: string;
  head?: boolean;
  pointer?: string;
  body?: unknown;
}
