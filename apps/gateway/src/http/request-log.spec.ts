import fastify from 'fastify';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { logAnswers } from './request-log.js';

it.each([
  [200, 'info'],
  [404, 'info'],
  [500, 'error'],
  [501, 'info'],
  [503, 'error'],
])('logs an answer with %i at %s', async (status, level) => {
  const lines: string[] = [];
  const instance = fastify();
  logAnswers(
    instance,
    pino({ formatters: { level: label => ({ level: label }) } }, { write: line => lines.push(line) }),
  );
  instance.get('/one', (_, reply) => reply.code(status).send());
  await instance.inject('/one?secret=1');
  await instance.close();
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { level, status, path: '/one', msg: 'answered' },
  ]);
});
