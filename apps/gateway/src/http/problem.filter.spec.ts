import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { ArgumentsHost } from '@nestjs/common';
import { fastify } from 'fastify';
import { afterEach, expect, it } from 'vitest';
import { Refusal } from '#canonical';
import { ProblemFilter } from './problem.filter.js';

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

  expect((await one.inject('/')).statusCode).toBe(503);

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
