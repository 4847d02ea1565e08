import { describe, expect, it } from 'vitest';
import type { SimulatedRequest } from '#adapter-kit/testing';
import { reccaSimulator } from './simulator.js';
import type { ReccaOptions } from './simulator/options.js';

const now = new Date('2026-01-15T12:00:00.000Z');
const origin = 'https://partner-site.example.com';

const play = (options?: ReccaOptions) => {
  const simulator = reccaSimulator.create(options);
  const ask = (method: string, url: string, more: Partial<SimulatedRequest> = {}) => {
    const { pathname, searchParams } = new URL(url, 'http://recca');
    return simulator.handle({
      method,
      path: pathname,
      query: searchParams,
      headers: { origin },
      body: '',
      now,
      ...more,
    });
  };
  const federation = (path: string, body: object, key = 'rtk_live_demo') =>
    ask('POST', `/federation/v1${path}`, {
      headers: { 'x-recca-tenant-key': key },
      body: JSON.stringify(body),
    });
  return { ask, federation };
};
type Play = ReturnType<typeof play>;

const tokenOf = ({ ask }: Play, tenant = 'agp'): string => {
  const page = ask(
    'GET',
    `/oauth/authorize?client_id=${tenant}&response_type=code&scope=profile:read&state=s1&popup=1`,
  );
  const [, messages = '[]'] = /id="messages">(.*?)<\/script>/.exec(String(page.body)) ?? [];
  const [message] = JSON.parse(messages) as { type: string; token: string; state: string }[];
  expect(message).toMatchObject({ type: 'recca:auth-success', state: 's1' });
  return message!.token;
};

describe('the embed API', () => {
  it.each(['https://evil.example.com', ''])('answers 403 with an empty ACAO to the origin "%s"', wrong => {
    const answer = play().ask('GET', '/embed/v1/data/cabinet/ub_GB_xyz?tenant=agp', {
      headers: { origin: wrong },
    });
    expect(answer).toMatchObject({ status: 403, headers: { 'access-control-allow-origin': '' } });
  });

  it('finds people only by ub_ ids of its own tenant', () => {
    const { ask } = play();
    for (const id of ['usr_01HXVB0001', 'ub_OT_zoya', 'nobody'])
      expect(ask('GET', `/embed/v1/data/cabinet/${id}?tenant=agp`).status).toBe(404);
  });

  it('returns totals in kopecks, and formatted', () => {
    const { body } = play().ask('GET', '/embed/v1/data/cabinet/ub_GB_xyz?tenant=agp');
    expect(body).toMatchObject({
      kpi: { leads_count: 4, cleared_kopecks: 1280000, cleared_formatted: '12 800 ₽' },
    });
  });

  it('cuts the tree at the depth limit and says so', () => {
    const tree = (query: string) =>
      play().ask('GET', `/embed/v1/data/referral-tree/ub_GB_xyz?tenant=agp${query}`).body;
    expect(tree('&max_depth=9')).toMatchObject({ total_downline: 5, hit_depth_cap: true, max_depth: 3 });
    expect(tree('&max_depth=1')).toMatchObject({
      levels: [[{ depth: 0, parent_user_id: null }], [{}, {}]],
      hit_depth_cap: true,
    });
  });

  it('has no other URL', () => {
    const { ask } = play();
    expect(ask('GET', '/embed/v1/data/everything/ub_GB_xyz?tenant=agp').status).toBe(404);
    expect(ask('DELETE', '/embed/v1/data/cabinet/ub_GB_xyz?tenant=agp').status).toBe(404);
    expect(ask('GET', '/api/v2/users').status).toBe(404);
  });
});

describe('a link', () => {
  const link = (played: Play, token: string, more: object = {}, at = now) =>
    played.ask('POST', '/embed/v1/data/referral-link?tenant=agp', {
      headers: { origin, authorization: `Bearer ${token}` },
      body: JSON.stringify({ target_type: 'offer', target_id: 'https://x', ...more }),
      now: at,
    });

  it('is the same for the same parameters', () => {
    const played = play();
    const token = tokenOf(played);
    const first = link(played, token);
    expect(first).toMatchObject({ status: 200, body: { reused: false }, effect: { type: 'link' } });
    const second = link(played, token);
    expect(second.body).toEqual({ ...(first.body as object), reused: true });
    expect(second.effect).toBeUndefined();
    expect(link(played, token, { promo_code: 'X' }).body).toMatchObject({ reused: false });
  });

  it('needs a valid token of this tenant', () => {
    const played = play();
    const token = tokenOf(played);
    expect(link(played, token, {}, new Date(now.getTime() + 61 * 60_000)).status).toBe(401);
    expect(link(played, `${token.slice(0, -3)}abc`).status).toBe(401);
    expect(link(played, tokenOf(played, 'other')).status).toBe(403);
    expect(link(played, token, { target_type: 'page' }).status).toBe(422);
  });
});

describe('the popup', () => {
  it('escapes the state in its script', () => {
    const page = play().ask(
      'GET',
      `/oauth/authorize?client_id=agp&response_type=code&state=${encodeURIComponent('</script><b>')}`,
    );
    expect(String(page.body)).not.toContain('</script><b>');
  });

  it('refuses an unknown client, and a request without a state', () => {
    expect(play().ask('GET', '/oauth/authorize?client_id=x&response_type=code&state=s').status).toBe(400);
    expect(play().ask('GET', '/oauth/authorize?client_id=agp&response_type=code').status).toBe(400);
  });
});

describe('the federation API', () => {
  const sale = {
    lead_id: 'lead_01HXVB0005',
    amount_kopecks: 999,
    currency: 'RUB',
    external_order_id: 'order-1',
  };

  it('accepts only the tenant key', () => {
    expect(play().federation('/users/upsert', { external_id: 'x' }, 'rtk_live_stolen').status).toBe(401);
  });

  it('registers a person once for each external id', () => {
    const { federation } = play();
    const first = federation('/users/upsert', { external_id: 'x', full_name: 'Икс' });
    expect(first).toMatchObject({ body: { action: 'created' }, effect: { type: 'customer', key: 'x' } });
    const second = federation('/users/upsert', { external_id: 'x', full_name: 'Икс' });
    expect(second).toMatchObject({ body: { ...(first.body as object), action: 'updated' } });
    expect(second.effect).toBeUndefined();
  });

  it('creates two leads for two requests, and finds referrers by usr_ ids', () => {
    const { federation } = play();
    const lead = {
      referrer_user_id: 'usr_01HXVB0001',
      contact: { name: 'Анна' },
      metadata: { ref: 'opr_1' },
    };
    expect(federation('/leads', lead).effect).toEqual({ type: 'lead', key: 'opr_1', id: 'lead_01HXVBAGP6' });
    expect(federation('/leads', lead).effect).toMatchObject({ id: 'lead_01HXVBAGP7' });
    expect(federation('/leads', { ...lead, referrer_user_id: 'ub_GB_xyz' }).status).toBe(404);
  });

  it('cascades bonuses over three tiers, rounded down to kopecks', () => {
    expect(play().federation('/conversions/register', sale)).toMatchObject({
      body: {
        cascaded_bonuses: [
          { user_id: 'usr_01HXVB0004', amount_kopecks: 99, tier: 1 },
          { user_id: 'usr_01HXVB0002', amount_kopecks: 49, tier: 2 },
          { user_id: 'usr_01HXVB0001', amount_kopecks: 19, tier: 3 },
        ],
      },
      effect: { type: 'conversion', key: 'order-1' },
    });
  });

  it.each([
    [undefined, 200, false],
    ['same', 200, false],
    ['duplicate', 200, true],
    ['conflict', 409, false],
  ] as const)('with a repeated order as %s', (repeatedOrder, status, effect) => {
    const { federation } = play({ repeatedOrder });
    federation('/conversions/register', sale);
    const second = federation('/conversions/register', sale);
    expect([second.status, second.effect !== undefined]).toEqual([status, effect]);
  });

  it('is strict about kopecks', () => {
    const { federation } = play();
    for (const amount_kopecks of ['999', 9.5, 0, -1])
      expect(federation('/conversions/register', { ...sale, amount_kopecks }).status).toBe(422);
  });
});
