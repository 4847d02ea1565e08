import { commits, reply } from './faulty-call.js';
import type { FaultyCall, InjectFault } from './faulty-call.js';

const page = (title: string): string =>
  `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center><hr><center>nginx</center></body></html>\n`;

const html = (call: FaultyCall, status: number, title: string): void =>
  reply(call, { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: page(title) });

/** A status with an uninformative body, after the effect or instead of it. */
const failed =
  (status: number, usually: boolean): InjectFault =>
  call => {
    if (commits(call, usually)) call.commit();
    reply(call, { status, body: call.params.body ?? { message: 'Internal Server Error' } });
  };

const htmlInstead =
  (status: number, title: string, usually: boolean): InjectFault =>
  call => {
    if (commits(call, usually)) call.commit();
    html(call, status, title);
  };

const throttled =
  (retryAfter?: (call: FaultyCall) => string): InjectFault =>
  call => {
    const { status, headers, body } = call.tooManyRequests();
    const wait: Record<string, string> = retryAfter ? { 'retry-after': retryAfter(call) } : {};
    reply(call, { status, headers: { ...headers, ...wait }, body });
  };

const inMs = ({ request }: FaultyCall, ms: number): Date => new Date(request.now.getTime() + ms);

/** Faults of the answer as a whole: another status, format or time. */
export const answerFaults = {
  'commit-then-500': failed(500, true),
  '500-without-commit': failed(500, false),
  '502-html': htmlInstead(502, '502 Bad Gateway', false),
  '503-html': htmlInstead(503, '503 Service Temporarily Unavailable', false),
  'html-200': htmlInstead(200, 'Welcome', true),
  '429-without-retry-after': throttled(),
  '429-retry-after-0': throttled(() => '0'),
  '429-retry-after-3600': throttled(() => '3600'),
  '429-retry-after-date': throttled(call => inMs(call, call.params.delayMs ?? 30_000).toUTCString()),
  '429-retry-after-rubbish': throttled(() => 'soon'),
  'refusal-200': call => {
    const refusal = call.params.body === undefined ? call.refuse() : { body: call.params.body };
    if (commits(call, false)) call.commit();
    reply(call, { ...refusal, status: 200, effect: undefined });
  },
  redirect: call => {
    if (commits(call, false)) call.commit();
    const location = `${call.params.to ?? 'http://redirected.invalid'}${call.incoming.url}`;
    reply(call, { status: call.params.status ?? 307, headers: { location } });
  },
  'clock-skew': call => {
    const theirs = inMs(call, call.params.offsetMs ?? 600_000);
    reply(call, call.commit(theirs), theirs);
  },
  'late-commit': call => {
    call.commitAfter(call.params.delayMs ?? 5_000);
    reply(call, { status: 504, body: { message: 'Gateway Timeout' } });
  },
} satisfies Record<string, InjectFault>;
