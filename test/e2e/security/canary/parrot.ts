import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { found, marks, words } from './marks.js';

/** A provider's faulty answer. */
export type Manner = 'refuse' | 'refuse-in-200' | 'break' | 'drift' | 'page' | 'lose';

/** Providers that echo requests in their errors, in front of a sandbox. */
export interface Parrot {
  url: string;
  /** The next matching call of this provider gets this answer. */
  next(provider: string, manner: Manner, path?: RegExp): void;
  /** Marks seen in requests. */
  heard: Set<string>;
  /** Faulty answers that were played. */
  played: Set<Manner>;
  close(): Promise<void>;
}

interface Wish {
  provider: string;
  manner: Manner;
  path: RegExp;
}

/** Starts one in front of the sandbox at `target`. */
export async function startParrot(target: string): Promise<Parrot> {
  const wishes: Wish[] = [];
  const heard = new Set<string>();
  const played = new Set<Manner>();
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const provider = request.url!.split('/')[1]!;
    const said = everything(request, body);
    const quoted = found(said, words({}));
    for (const mark of quoted) heard.add(mark);
    const index = wishes.findIndex(wish => wish.provider === provider && wish.path.test(request.url!));
    const [wish] = index < 0 ? [] : wishes.splice(index, 1);
    if (wish) played.add(wish.manner);
    // The marks first: an error's text is truncated.
    const text = `${quoted.map(name => wholeWord(said, words({}).get(name)!)).join(' ')} in ${said}`;
    if (!wish || wish.manner === 'lose') return forward(target, { request, body, response, lost: !!wish });
    const { status, type, body: told } = tellings[wish.manner](provider, text);
    response.writeHead(status, { 'content-type': type }).end(told);
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: (provider, manner, path = /./) => void wishes.push({ provider, manner, path }),
    heard,
    played,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

// A key followed by a number is quoted with the number.
function wholeWord(said: string, mark: string): string {
  const start = said.indexOf(mark);
  const [before] = /[\w.-]*$/.exec(said.slice(0, Math.max(0, start)))!;
  const [after] = /^[\w.-]*/.exec(said.slice(start + mark.length))!;
  return start < 0 ? mark : before + mark + after;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function everything({ method, url, headers }: IncomingMessage, body: string): string {
  const proof = Buffer.from(headers.authorization?.split(' ')[1] ?? '', 'base64').toString();
  const plain = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
  const form = headers['content-type']?.includes('urlencoded') ? plain(body) : '';
  return [method, url, plain(url!), ...Object.values(headers), proof, body, form].join(' ');
}

const json = (status: number, body: unknown) => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
});

const tellings: Record<
  Exclude<Manner, 'lose'>,
  (provider: string, text: string) => ReturnType<typeof json>
> = {
  refuse: (provider, text) => refusals[provider]!(text),
  'refuse-in-200': (provider, text) => ({ ...refusals[provider]!(text), status: 200 }),
  break: (_, text) => json(500, { message: text, error: text }),
  drift: (_, text) => json(200, { [text]: text, message: text, id: { text }, data: [text], error: text }),
  page: (_, text) => ({ status: 200, type: 'text/html', body: `<html><body>${text}</body></html>` }),
};

const refusals: Record<string, (text: string) => ReturnType<typeof json>> = {
  uds: text =>
    json(400, {
      errorCode: text,
      message: text,
      errors: [{ field: 'code', message: text, errorCode: text }],
    }),
  loyalclient: text => json(422, { success: false, client: text, spend: [text] }),
  recreativ: text =>
    json(422, [
      { field: 'email', message: text },
      { field: 'user', message: text },
    ]),
  pp: text => json(200, { error: 1, error_text: text }),
  recca: text => json(422, { message: text, error: { message: text } }),
};

// What the simulators get instead of the marks.
const translations: Record<string, [string, string][]> = {
  uds: [
    [marks.code, '123456'],
    [marks.phone, '79990000001'],
    [marks.udsProof, Buffer.from('549755813888:demo-uds-key').toString('base64')],
  ],
  loyalclient: [
    [marks.code, '012345'],
    [marks.phone, '79031234567'],
    [marks.card, '2200700112345678'],
    [marks.loyalclientKey, 'demo-loyalclient-key'],
  ],
  pp: [[marks.ppLogin, 'demo-pp-login']],
};

interface Forwarded {
  request: IncomingMessage;
  body: string;
  response: ServerResponse;
  lost: boolean;
}

function forward(target: string, { request, body, response, lost }: Forwarded): void {
  const pairs = translations[request.url!.split('/')[1]!] ?? [];
  const translated = (text: string) =>
    pairs.reduce((before, [mark, known]) => before.replaceAll(mark, known), text);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, translated(String(value))]),
  );
  const bytes = Buffer.from(translated(body));
  const url = new URL(translated(request.url!), target);
  const onward = httpRequest(
    url,
    {
      method: request.method,
      headers: { ...headers, host: url.host, 'content-length': String(bytes.length) },
    },
    answer => {
      // It was executed, and the answer is lost.
      if (lost) return void answer.resume().on('end', () => response.destroy());
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    },
  );
  onward.on('error', () => response.destroy());
  onward.end(bytes);
}
