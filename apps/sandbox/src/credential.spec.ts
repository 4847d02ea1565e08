import { describe, expect, it } from 'vitest';
import { anonymous, credentialOf, redacted } from './credential.js';

const shown = (headers: Record<string, string>, query = '') =>
  credentialOf(
    { headers, query: new URLSearchParams(query) },
    { credentialIn: ['auth-token', 'authorization', 'api_key'] },
  );

describe('a credential', () => {
  it('is told apart from others wherever it stands, and never told', () => {
    const all = [
      shown({ authorization: 'Basic YTpi' }),
      shown({ 'auth-token': 't1' }),
      shown({ 'auth-token': 't2' }),
      shown({}, 'method=get_info&api_key=pp'),
    ];
    expect(new Set(all).size).toBe(all.length);
    for (const name of all) expect(name).toMatch(/^[0-9a-f]{12}$/);
    expect(shown({ origin: 'https://shop.example' })).toBe('none');
  });

  it('is the same for one token, whatever else is asked', () => {
    expect(shown({ 'auth-token': 't1' }, 'page=2')).toBe(shown({ 'auth-token': 't1', accept: '*/*' }));
  });
});

it('a redacted query keeps everything else as it was', () => {
  expect(redacted('method=get_info&key=abc%2B1&phone=%2B7900&api_token=')).toBe(
    'method=get_info&key=***&phone=%2B7900&api_token=***',
  );
});

it("a stranger's call has the method and the body, and no proof", () => {
  const call = {
    method: 'POST',
    path: '/api.html',
    query: new URLSearchParams('method=add_payout&key=abc'),
    headers: { accept: 'application/json', origin: 'https://shop.example', 'x-recca-tenant-key': 'rtk' },
    body: '{"a":1}',
    now: new Date(0),
  };
  const { query, ...rest } = anonymous(call);
  expect(query.toString()).toBe('method=add_payout');
  expect(rest).toEqual({ ...call, query: undefined, headers: { accept: 'application/json' } });
});
