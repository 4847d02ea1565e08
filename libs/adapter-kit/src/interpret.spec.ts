import { describe, expect, it } from 'vitest';
import { Refusal } from '#canonical';
import type { Adapter } from './adapter.js';
import { Unreadable, defineExchange } from './exchange.js';
import type { Context, Exchange } from './exchange.js';
import { interpret, pauseAskedBy } from './interpret.js';
import { readWire } from './parse.js';
import { reader } from './read.js';

const buy = defineExchange<unknown, unknown>({
  name: 'buy',
  call: 'POST /buy',
  retryClass: 'unsafe',
  accepts: [404],
  errors: { taken: 'duplicate-reference' },
  request: () => ({ method: 'POST', path: '/buy' }),
  read: ({ body, status }) => {
    if (status === 404) return { gone: true };
    if (reader(body).at('crash').present) return (body as any).crash.here.now;
    if (reader(body).at('blocked').flag()) throw new Refusal('customer-blocked');
    return { id: reader(body).at('id').needText() };
  },
});

// Only the parts that `interpret` uses.
const shop = {
  name: 'shop',
  errors: { poor: 'insufficient-points' },
  refusal: ({ body }) => {
    const code = reader(body).at('error').text();
    if (code === 'explode') throw new Error('a defect of the adapter');
    if (code && reader(body).at('booked').present) throw new Unreadable('/booked', 'stands beside a refusal');
    return code ? { code, message: 'No.', extra: { maxRedeemPoints: '5' } } : undefined;
  },
} as Partial<Adapter> as Adapter;

const context: Context = { settings: {}, now: new Date('2026-01-15T12:00:00Z') };

function meaningOf(status: number, text: string, headers: Record<string, string> = {}) {
  return interpret(shop, buy, readWire(status, headers, Buffer.from(text)), {}, context);
}

const codeOf = (status: number, text: string) => {
  const meaning = meaningOf(status, text);
  return meaning.kind === 'refused' ? meaning.refusal.code : meaning.kind;
};

describe('done', () => {
  it('is what the exchange reads, also from a status that it accepts', () => {
    expect(meaningOf(201, '{"id":7}')).toEqual({ kind: 'done', result: { id: '7' } });
    expect(meaningOf(404, '')).toEqual({ kind: 'done', result: { gone: true } });
  });
});

describe('refused', () => {
  it.each([
    ['by the provider, also inside a 200', 200, '{"error":"poor","id":1}', 'insufficient-points'],
    ["in the exchange's own words", 409, '{"error":"taken"}', 'duplicate-reference'],
    ['in a word that is not in the table', 400, '{"error":"novel"}', 'provider-rejected'],
    ['in a word that every object has', 400, '{"error":"toString"}', 'provider-rejected'],
    ['without a word', 400, '', 'provider-rejected'],
    ['because of the credential', 401, '', 'connection-credentials-invalid'],
    ['by the reader', 200, '{"blocked":1}', 'customer-blocked'],
  ])('%s', (_, status, text, code) => expect(codeOf(status, text)).toBe(code));

  it('of a read also by a page with 401: a front server’s', () => {
    const look = { ...buy, retryClass: 'read' } as const;
    const meant = (status: number) =>
      interpret(shop, look, readWire(status, {}, Buffer.from('<!DOCTYPE html>')), {}, context);
    expect(meant(401)).toMatchObject({
      kind: 'refused',
      refusal: { code: 'connection-credentials-invalid' },
    });
    expect(meant(403).kind).toBe('unanswered');
  });

  it('contains the provider’s own code and message', () => {
    const meaning = meaningOf(400, '{"error":"poor"}');
    expect(meaning).toMatchObject({
      refusal: {
        members: {
          provider: { name: 'shop', status: 400, code: 'poor', message: 'No.' },
          maxRedeemPoints: '5',
        },
      },
    });
    expect(meaningOf(400, 'The receipt is closed.')).toMatchObject({
      refusal: { members: { provider: { code: 'http-400', message: 'The receipt is closed.' } } },
    });
  });

  it.each([
    ['{"message":"The receipt is closed."}', 'The receipt is closed.'],
    ['{"message":{"text":"Closed."}}', undefined],
    ['{"reason":"Closed."}', undefined],
  ])('contains the message of JSON that the adapter does not know: %s', (text, message) => {
    for (const status of [400, 404, 409])
      expect(
        interpret(shop, { ...buy, accepts: [] }, readWire(status, {}, Buffer.from(text)), {}, context),
      ).toMatchObject({ refusal: { code: 'provider-rejected', members: { provider: { status, message } } } });
    for (const status of [408, 500, 503]) expect(meaningOf(status, text).kind).toBe('unanswered');
    expect(meaningOf(429, text).kind).toBe('throttled');
  });
});

describe('unanswered', () => {
  it.each([
    ['a server error', 500, '{"error":"poor"}'],
    ['a redirect', 302, ''],
    ['a request time-out', 408, ''],
    ['a page with 200', 200, '<html></html>'],
    ['a page with 401 in answer to a write', 401, '<!DOCTYPE html>'],
    ['a page with 403 (a firewall, not the provider)', 403, '<!DOCTYPE html>'],
    ['a missing field', 200, '{}'],
    ['no body', 200, ''],
    ['a cut body', 200, '{"id":'],
    ['a reader that trips', 200, '{"crash":1}'],
    ['a refusal beside an effect', 422, '{"error":"poor","booked":{}}'],
  ])('%s', (_, status, text) => expect(meaningOf(status, text).kind).toBe('unanswered'));

  // 520 to 530 are Cloudflare's own: the site behind it is down, or does not answer in time.
  it.each([
    [502, false],
    [521, false],
    [522, false],
    [530, false],
    [501, true],
    [200, true],
  ])('a page with %i breaks the contract: %j', (status, unreadable) =>
    expect(meaningOf(status, '<!DOCTYPE html>')).toMatchObject({ kind: 'unanswered', unreadable }),
  );

  it.each([
    ['404 page not found\n', 'unanswered'],
    ['default backend - 404', 'unanswered'],
    ['File not found.\n', 'unanswered'],
    ['No input file specified.', 'unanswered'],
    ['error code: 1042', 'unanswered'],
    ['{"message":"no Route matched with those values"}', 'unanswered'],
    ['{"message":"Not found"}', 'refused'],
    ['Not Found', 'refused'],
    ['', 'refused'],
  ])('a 404 %j to a read is %s: a front server knows no such address', (text, kind) => {
    const asked = (exchange: Exchange) =>
      interpret(shop, exchange, readWire(404, {}, Buffer.from(text)), {}, context).kind;
    expect(asked({ ...buy, accepts: [], retryClass: 'read' })).toBe(kind);
    expect(asked({ ...buy, accepts: [] })).toBe('refused');
    // Where a 404 means that something is gone.
    expect(asked(buy)).toBe(kind === 'refused' ? 'done' : kind);
  });

  it('does not become a refusal through a bug of the adapter', () => {
    expect(meaningOf(200, '{"error":"explode"}').kind).toBe('unanswered');
  });
});

describe('throttled', () => {
  it.each([
    [undefined, 1_000],
    ['0', 1_000],
    ['3', 3_000],
    ['2.5', 2_500],
    ['3600', 60_000],
    ['Thu, 15 Jan 2026 12:00:10 GMT', 10_000],
    ['Thu, 15 Jan 2025 12:00:10 GMT', 1_000],
    ['soon', 1_000],
  ])('with Retry-After %s: stay away for %i ms', (wait, retryAfterMs) => {
    const headers: Record<string, string> = wait === undefined ? {} : { 'retry-after': wait };
    expect(meaningOf(429, '{"error":"poor"}', headers)).toEqual({ kind: 'throttled', retryAfterMs });
  });
});

describe('a pause', () => {
  it.each([
    [429, undefined, 1_000],
    [503, '3', 3_000],
    [503, '3600', 60_000],
    [503, undefined, 0],
    [202, '3', 0],
    [404, '3', 0],
  ])('is asked for by %i with Retry-After %s: %i ms', (status, wait, pauseMs) => {
    const headers: Record<string, string> = wait === undefined ? {} : { 'retry-after': wait };
    expect(pauseAskedBy(readWire(status, headers, Buffer.from('busy')), context.now)).toBe(pauseMs);
  });
});
