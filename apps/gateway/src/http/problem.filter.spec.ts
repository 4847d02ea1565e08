import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { ArgumentsHost } from '@nestjs/common';
import { fastify } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { Refusal } from '#canonical';
import { CommitInDoubt } from '#persistence';
import { ProblemFilter, problemOf, refusalOf } from './problem.filter.js';

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const logged: string[] = [];
const app = fastify();
afterEach(async () => {
  agent.destroy();
  await app.close();
});

it('leaves an answer sent in place of a late one, and its connection, untouched', async () => {
  const filter = new ProblemFilter({
    log: (_level: string, message: string) => logged.push(message),
  } as never);
  app.setErrorHandler((error, ...sides) => filter.catch(error, hostOf(sides)));
  app.addHook('onSend', async (_request, reply, payload) => {
    reply.hijack();
    reply.raw.writeHead(503).end('in its place');
    return payload;
  });
  app.get('/', async () => 'late');
  const url = await app.listen({ host: '127.0.0.1', port: 0 });

  const answers = [await ask(url), await ask(url)];

  expect(answers.map(({ status }) => status)).toEqual([503, 503]);
  expect(answers[1]!.port).toBe(answers[0]!.port);
  expect(logged).toEqual([]);
});

it('logs what a store said, which only the causes of an error tell, and nothing else of them', async () => {
  const lines: unknown[] = [];
  const filter = new ProblemFilter({ log: (...line: unknown[]) => lines.push(line) } as never);
  const one = fastify();
  one.setErrorHandler((error, ...sides) => filter.catch(error, hostOf(sides)));
  const full = Object.assign(new Error('OOM command not allowed'), { command: { args: ['a secret'] } });
  const down = new Error('The lane store cannot be used.', { cause: full });
  one.get('/', () => Promise.reject(new Refusal('dependency-unavailable', { cause: down })));

  expect(await one.inject('/')).toMatchObject({ statusCode: 503, headers: { 'retry-after': '1' } });

  const error = expect.stringMatching(
    /lane store cannot be used\.[^]*Caused by: Error: OOM command not allowed/,
  );
  expect(lines).toEqual([
    ['error', 'answered dependency-unavailable', { requestId: expect.any(String), route: '/', error }],
  ]);
  expect(JSON.stringify(lines)).not.toContain('a secret');
  await one.close();
});

async function ask(url: string): Promise<{ status?: number; port?: number }> {
  const [answer] = await once(request(url, { agent }).end(), 'response');
  const { localPort: port } = answer.socket;
  await once(answer.resume(), 'end');
  return { status: answer.statusCode, port };
}

const hostOf = ([request, reply]: unknown[]) =>
  ({ switchToHttp: () => ({ getRequest: () => request, getResponse: () => reply }) }) as ArgumentsHost;

describe('a store that is away', () => {
  const told = (method: string, headers: object, scope: string, config: object = {}) => {
    const route = { config: { scopes: [scope], ...config } };
    const asked = { id: 'req-1', method, headers, routeOptions: route } as never;
    return problemOf(new Refusal('dependency-unavailable'), asked).problem;
  };

  it.each([
    ['with a key', { 'idempotency-key': 'a-key' }, {}, /with the same key/],
    ['whose key is derived', {}, { derivesKey: true }, /with the same key/],
    ['without a key', {}, {}, /has no Idempotency-Key.*read/],
  ])(
    'leaves open whether a write %s was executed, and says how to find out',
    (_how, headers, config, how) => {
      expect(told('POST', headers, 'loyalty:write', config)).toMatchObject({
        outcome: 'unknown',
        detail: expect.stringMatching(how),
      });
    },
  );

  it('does not ask for the key of a read', () => {
    const { outcome, detail } = told('POST', {}, 'loyalty:read');
    expect(outcome).toBe('not-executed');
    expect(detail).toMatch(/Repeat the request/);
  });

  it('leaves open whether a write was committed whose COMMIT got no answer', () => {
    const asked = { id: 'req-1', method: 'POST', headers: {}, routeOptions: { config: {} } } as never;
    const { problem } = problemOf(refusalOf(new CommitInDoubt(new Error('gone'))), asked);
    expect(problem).toMatchObject({ outcome: 'unknown', detail: expect.stringContaining('not known') });
  });
});
