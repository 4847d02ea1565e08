import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { SimulatedAnswer } from '#adapter-kit/testing';
import { commits, reply } from './faulty-call.js';
import type { FaultyCall, InjectFault } from './faulty-call.js';
import { retyped, withDriftedField, withExtraFields } from './json-drift.js';
import type { FieldDrift } from './json-drift.js';

const MIB = 1024 * 1024;
const HUNDRED_MIB = 100 * MIB;

/** The correct answer with its JSON body changed; a body that is not JSON stays as it is. */
const changed =
  (change: (body: unknown, call: FaultyCall) => unknown): InjectFault =>
  call => {
    const answer: SimulatedAnswer = commits(call, true) ? call.commit() : { status: 200, body: {} };
    const { body, isText } = parsed(answer.body);
    if (body === undefined) return reply(call, answer);
    const next = change(body, call);
    reply(call, { ...answer, body: isText ? JSON.stringify(next) : next });
  };

const field = (drift: FieldDrift): InjectFault =>
  changed((body, { params, random }) => withDriftedField(body, drift, { pointer: params.pointer, random }));

function parsed(body: unknown): { body: unknown; isText: boolean } {
  if (typeof body !== 'string') return { body, isText: false };
  try {
    return { body: JSON.parse(body), isText: true };
  } catch {
    return { body: undefined, isText: true };
  }
}

/** Body faults: undocumented fields, or far too many bytes. */
export const bodyFaults = {
  'bom-200': call => {
    const answer = commits(call, true) ? call.commit() : { status: 200, body: {} };
    const { body, headers } = answer;
    const text = typeof body === 'string' ? body : JSON.stringify(body ?? {});
    const kind = { 'content-type': 'application/json; charset=utf-8', ...headers };
    reply(call, { ...answer, headers: kind, body: `\uFEFF${text}` });
  },
  'drift-missing': field('missing'),
  'drift-renamed': field('renamed'),
  'drift-null': field('null'),
  'drift-new-word': field('new-word'),
  'drift-extra': changed(withExtraFields),
  'drift-retyped': changed(retyped),
  'huge-body': call => void flood(call),
  'gzip-bomb': call => {
    open(call, { 'content-encoding': 'gzip' });
    // Members of one gzip stream unpack to one text: a megabyte of spaces is a kilobyte each.
    const blank = gzipSync(Buffer.alloc(MIB, ' '));
    for (let left = call.params.bytes ?? HUNDRED_MIB; left > 0; left -= MIB) call.response.write(blank);
    call.response.end(gzipSync('{}'));
  },
} satisfies Record<string, InjectFault>;

function open(call: FaultyCall, headers: Record<string, string> = {}): ServerResponse {
  if (commits(call, true)) call.commit();
  call.entry.status = 200;
  const { response, request } = call;
  const date = request.now.toUTCString();
  response.sendDate = false;
  return response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', date, ...headers });
}

/** Valid JSON of enormous length, sent as fast as the caller accepts it. */
async function flood(call: FaultyCall): Promise<void> {
  const response = open(call);
  const closed = once(response, 'close');
  const block = Buffer.alloc(64 * 1024, 'x');
  response.write('{"padding":"');
  for (let left = call.params.bytes ?? HUNDRED_MIB; left > 0; left -= block.length) {
    if (response.destroyed) return;
    const room = response.write(block);
    if (!room) await Promise.race([once(response, 'drain'), closed]);
  }
  response.end('"}');
}
