import type { FastifyRequest } from 'fastify';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Refusal } from '#canonical';
import type { OpenConnection } from '#outbound';
import { RequestTiming } from '../http/timing.js';
import type { ConnectionResolver } from './connection-resolver.js';
import { ConnectionPipe, openEarly } from './current-connection.js';

const gone = new Refusal('not-found');

/** A resolver whose answers are given one after the other. */
function resolverOf(...answers: (Partial<OpenConnection> | Refusal)[]) {
  const asked: (string | undefined)[] = [];
  const resolver = {
    open: async (_: unknown, named: string | undefined) => {
      asked.push(named);
      const answer = answers[asked.length - 1];
      if (answer instanceof Refusal) throw answer;
      return answer;
    },
    ofRepeat: async (_caller: unknown, _write: unknown, refusal: unknown) => {
      throw refusal;
    },
  } as unknown as ConnectionResolver;
  return { asked, resolver, pipe: new ConnectionPipe(resolver) };
}

const requestOf = (connection = 'shop') =>
  ({
    method: 'POST',
    headers: { 'gateway-connection': connection },
    routeOptions: { config: {} },
    caller: {},
    timing: new RequestTiming(),
  }) as unknown as FastifyRequest;

afterEach(() => void vi.restoreAllMocks());

describe('the connection of a request', () => {
  it('is read once, before the body arrives', async () => {
    const { asked, resolver, pipe } = resolverOf({ id: 'con_1' });
    const request = requestOf();
    openEarly(resolver, request);
    expect(asked).toEqual(['shop']);
    expect(await pipe.transform(request)).toMatchObject({ id: 'con_1' });
    expect(asked).toHaveLength(1);
  });

  it('is read again when the body arrives late, since it may have been paused meanwhile', async () => {
    const { resolver, pipe } = resolverOf({ state: 'callable' }, { state: 'paused' });
    const request = requestOf();
    openEarly(resolver, request);
    const later = performance.now() + 1_000;
    vi.spyOn(performance, 'now').mockImplementation(() => later);
    expect(await pipe.transform(request)).toMatchObject({ state: 'paused' });
  });

  it('is refused by the pipe and nowhere else', async () => {
    const { resolver, pipe } = resolverOf(gone);
    const request = requestOf();
    openEarly(resolver, request);
    await expect(pipe.transform(request)).rejects.toBe(gone);
    const misnamed = requestOf('no such name');
    openEarly(resolver, misnamed);
    await expect(pipe.transform(misnamed)).rejects.toThrow('takes the id or the slug');
  });
});
