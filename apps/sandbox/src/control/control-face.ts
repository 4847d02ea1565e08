import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, rendered, send } from '../answer.js';
import type { Scene } from '../scene.js';
import { control } from './control.js';
import type { Told } from './control.js';
import { indexPage } from './index-page.js';

const PREFIX = '/__sim';

/** Says whether a path is the sandbox's own and not a provider's. */
export const isControl = (url: string): boolean => url === '/' || /^\/__sim(\/|\?|$)/.test(url);

/** Answers the index page and `/__sim/…`, always in real time. */
export async function serveControl(
  scene: Scene,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://sandbox');
  const date = new Date(scene.clock.real());
  if (pathname === '/') {
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    return send(response, rendered({ status: 200, headers, body: indexPage(scene) }, date));
  }
  const text = await bodyOf(incoming);
  const body = parsed(text);
  const asked = {
    method: incoming.method ?? 'GET',
    path: pathname.slice(PREFIX.length),
    query: searchParams,
    body,
  };
  const told: Told =
    body === undefined
      ? { status: 400, body: { error: 'the body is no JSON' } }
      : await control(scene, asked);
  send(response, rendered({ ...told, body: told.body }, date));
}

function parsed(text: string): unknown {
  try {
    return text === '' ? {} : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
