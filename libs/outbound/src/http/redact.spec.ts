import { describe, expect, it } from 'vitest';
import { recordCall } from './call-record.js';
import { redactText, redactUrl, redactValue } from './redact.js';
import type { OutgoingRequest, Sent } from './sent.js';

describe('a text', () => {
  it.each([
    ['call +7 (900) 123-45-67 now', 'call *** now'],
    ['tel:79001234567', 'tel:***'],
    ['8 900 123 45 67', '***'],
    ['mail ivan.petrov+x@mail.example.ru!', 'mail ***!'],
    ['почта иван@почта.рф', 'почта ***'],
    ['card 4111 1111 1111 1111.', 'card ***.'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln end', 'jwt *** end'],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: ***'],
    ['key lgk_abcDEF-123', 'key ***'],
  ])('loses what is personal: %s', (text, masked) => {
    expect(redactText(text)).toBe(masked);
  });

  it.each([
    'status 404 at 2026-01-02T03:04:05.678Z',
    '2026-01-02 10:20:30',
    'receipt 1234 over 1999.90 RUB',
    'nonce 11111111-2222-3333-4444-555555555555',
  ])('keeps what is not: %s', text => {
    expect(redactText(text)).toBe(text);
  });

  it('keeps a time in seconds, which looks like a phone', () => {
    expect(redactValue({ time: 1590356264, other: '1590356264' })).toEqual({
      time: 1590356264,
      other: '***',
    });
  });

  it('loses the given secrets, as they are and as they are encoded', () => {
    const secret = 'a/b "c"+d';
    const text = `${secret} ${encodeURIComponent(secret)} ${JSON.stringify(secret)}`;
    expect(redactText(text, [secret])).toBe('*** *** "***"');
  });

  it('is cut at 2,000 characters, and stays fast whatever it holds', () => {
    for (const part of ['x', '1', ' 1', 'a@', '+', '1-', 'eyJ', 'Basic ']) {
      expect(redactText(part.repeat(2_000_000 / part.length)).length).toBeLessThanOrEqual(2_000);
    }
  });
});

describe('a value', () => {
  it('loses personal and secret fields at any depth, however they are written', () => {
    const answer = {
      user: {
        phone: 79001234567,
        displayName: 'Ivan',
        birth_date: '1990-01-01',
        'E-Mail': 'x',
        uid: 'u',
        id: 1099576524735,
      },
      code: '123456',
      errorCode: 'notFound',
      list: [
        { api_key: 'k' },
        { apiKey: 'k' },
        { APIKEY: 'k' },
        { account: { number: '1' } },
        { accessToken: 1 },
      ],
      points: 12.5,
      total: '1234567890.12',
      member: true,
      phone: null,
      note: 'ask 79001234567',
      '79001234567': 1,
    };
    expect(redactValue(answer)).toEqual({
      user: {
        phone: '***',
        displayName: '***',
        birth_date: '***',
        'E-Mail': '***',
        uid: '***',
        id: 1099576524735,
      },
      code: '***',
      errorCode: 'notFound',
      list: [
        { api_key: '***' },
        { apiKey: '***' },
        { APIKEY: '***' },
        { account: '***' },
        { accessToken: '***' },
      ],
      points: 12.5,
      total: '1234567890.12',
      member: true,
      phone: null,
      note: 'ask ***',
      '***': 1,
    });
  });

  it('is shortened: long lists, deep trees, long texts', () => {
    const rows = redactValue({ rows: Array.from({ length: 100_000 }, (_, row) => ({ row })) }) as {
      rows: unknown[];
    };
    expect(rows.rows.length).toBeLessThan(2_100);
    expect(rows.rows.at(-1)).toMatch(/^… \d+ more$/);
    let deep: unknown = 'bottom';
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(JSON.stringify(redactValue(deep)).length).toBeLessThan(100);
    expect(redactValue('x'.repeat(5_000))).toHaveLength(300);
  });

  it('loses a secret that stands inside another field', () => {
    expect(redactValue({ echo: 'you sent s3cr3t-token' }, ['s3cr3t-token'])).toEqual({
      echo: 'you sent ***',
    });
  });
});

describe('a URL', () => {
  it.each([
    [
      'https://api.example/v2/operations/1099511627776?code=123456&total=',
      'https://api.example/v2/operations/1099511627776?code=***&total=***',
    ],
    ['https://api.example/u/ivan%40mail.ru/%2B79001234567', 'https://api.example/u/***/***'],
    ['https://user:secret@api.example/x', 'https://api.example/x'],
    ['https://api.example/hook/top-secret/x', 'https://api.example/hook/***/x'],
    ['no url', '***'],
  ])('%s', (url, safe) => {
    expect(redactUrl(url, ['top-secret'])).toBe(safe);
  });
});

describe('the record of a call', () => {
  const request: OutgoingRequest = {
    method: 'POST',
    url: 'https://api.example/pay?api_key=top-secret',
    headers: { authorization: 'Bearer top-secret' },
    body: '{"phone":"+79001234567","points":10}',
    timeoutMs: 1,
  };
  const answered = (text: string, body: unknown, format: 'json' | 'html' | 'text'): Sent => ({
    kind: 'answered',
    answer: { status: 200, headers: { 'set-cookie': 'session=1' }, body, text, format },
    writtenAt: 1,
    durationMs: 2,
    bytes: 3,
  });

  it('keeps sizes, status and masked previews, and no header', () => {
    expect(
      recordCall(request, answered('…', { name: 'Ivan', bonus: '1.5' }, 'json'), ['top-secret']),
    ).toEqual({
      method: 'POST',
      url: 'https://api.example/pay?api_key=***',
      status: 200,
      durationMs: 2,
      request: { bytes: 36, preview: '{"phone":"***","points":10}' },
      response: { bytes: 3, format: 'json', preview: '{"name":"***","bonus":"1.5"}' },
    });
  });

  it('reads forms, and keeps no page', () => {
    const form = { ...request, body: 'login=ivan&method_id=3' };
    const page = recordCall(form, answered('<html>Ivan</html>', undefined, 'html'), []);
    expect(page.request.preview).toBe('{"login":"***","method_id":"3"}');
    expect(page.response).toEqual({ bytes: 3, format: 'html', preview: undefined });
    const lost = recordCall(request, { kind: 'unanswered', reason: 'Silence.', durationMs: 5 }, []);
    expect(lost).toMatchObject({ durationMs: 5 });
    expect(lost).not.toHaveProperty('response');
  });

  it('is small, however much came', () => {
    const much = { text: Array.from({ length: 500 }, (_, row) => `row ${row} ${'y'.repeat(100)}`) };
    const { response } = recordCall(request, answered('…', much, 'json'), []);
    expect(response?.preview?.length).toBe(2_000);
    expect(
      recordCall(request, answered('x'.repeat(9_999), undefined, 'text'), []).response?.preview,
    ).toHaveLength(2_000);
  });
});

it('keeps of bytes in a text only their kind', () => {
  const picture = `data:image/png;base64,${'iVBORw0KGgo'.repeat(50)}`;
  expect(redactValue({ image: picture })).toEqual({ image: 'data:image/png,…' });
});
