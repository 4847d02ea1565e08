import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { problemOf, refusalOf } from './http/problem.filter.js';
import { Stopping } from './stopping.js';

/** An answer that is being read. */
const answer = (closed = false) => Object.assign(new EventEmitter(), { closed });

describe('the end signal of a streamed answer', () => {
  it('is raised when its reader disconnects, and ends no other answer', () => {
    const stopping = new Stopping();
    const [one, other] = [answer(), answer()];
    const [gone, stays] = [stopping.endOf(one), stopping.endOf(other)];
    one.emit('close');
    expect([gone.aborted, stays.aborted, stopping.signal.aborted]).toEqual([true, false, false]);
  });

  it('is raised when the process stops, and at once if it is stopping or the reader has disconnected', () => {
    const stopping = new Stopping();
    const early = stopping.endOf(answer());
    expect(stopping.endOf(answer(true)).aborted).toBe(true);
    expect(early.aborted).toBe(false);
    stopping.begin();
    expect([early.aborted, stopping.endOf(answer()).aborted]).toEqual([true, true]);
  });

  it('serves any number of answers without a listener warning', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    const stopping = new Stopping();
    for (let answers = 0; answers < 50; answers++) stopping.endOf(answer());
    await nextTurn();
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });
});

it('a request that may go on no longer is told what is known: a read did nothing, a write may have', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const stopping = new Stopping();
  let answer: unknown;
  stopping.tooLate.subscribe({ error: error => (answer = error) });
  stopping.begin();
  vi.runAllTimers();
  const toldTo = (method: string, scope: string) => {
    const routeOptions = { url: '/v1/customers', config: { scopes: [scope] } };
    return problemOf(refusalOf(answer), {
      id: 'req',
      method,
      headers: {},
      routeOptions,
    } as unknown as FastifyRequest);
  };
  const detail = expect.stringContaining('is being restarted');
  const code = 'dependency-unavailable';
  expect(toldTo('GET', 'loyalty:read').problem).toMatchObject({ code, detail, outcome: 'not-executed' });
  expect(toldTo('POST', 'loyalty:write').problem).toMatchObject({ code, detail, outcome: 'unknown' });
});
