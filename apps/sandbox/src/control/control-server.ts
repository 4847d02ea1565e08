import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, rendered, send } from '../answer.js';
import type { SandboxContext } from '../context.js';
import { answerControl } from './routes.js';
import type { ControlAnswer } from './routes.js';
import { indexPage } from './index-page.js';

const PREFIX = '/__sim';

/** Whether a path belongs to the sandbox itself and not to a provider. */
export const isControl = (url: string): boolean => url === '/' || /^\/__sim(\/|\?|$)/.test(url);

/** Answers the index page and `/__sim/…`, always in real time. */
export async function serveControl(
  context: SandboxContext,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://sandbox');
  const date = new Date(context.clock.real());
  if (pathname === '/') {
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    return send(response, rendered({ status: 200, headers, body: indexPage(context) }, date));
  }
  const text = await bodyOf(incoming);
  const body = parsed(text);
  const asked = {
    method: incoming.method ?? 'GET',
    path: pathname.slice(PREFIX.length),
    query: searchParams,
    body,
  };
  const answer: ControlAnswer =
    body === undefined
      ? { status: 400, body: { error: 'the body is not JSON' } }
      : await answerControl(context, asked);
  send(response, rendered({ ...answer }, date));
}

function parsed(text: string): unknown {
  try {
    return text === '' ? {} : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
