import { expect, it } from 'vitest';
import type { SimulatedRequest } from '#adapter-kit/testing';
import { ppSimulator } from './simulator.js';
import type { PpOptions } from './simulator/options.js';

const now = new Date('2026-01-15T12:00:00.000Z');
const site = (options?: PpOptions) => {
  const simulator = ppSimulator.create(options);
  const ask = (query: string, form = '', more: Partial<SimulatedRequest> = {}) =>
    simulator.handle({
      method: 'POST',
      path: '/api.html',
      query: new URLSearchParams(query),
      headers: {},
      body: form,
      now,
      ...more,
    });
  return {
    ask,
    call: (method: string, form = '') => ask(`api_action=pp&api_key=demo-pp-key&method=${method}`, form),
  };
};
const rowsOf = (answer: { body?: unknown }) =>
  (answer.body as { data?: { items?: Record<string, Record<string, unknown>> } }).data?.items;

it('reads fields only from the form, and ignores them in the query', () => {
  const { ask, call } = site();
  const rows = rowsOf(ask('api_action=pp&api_key=demo-pp-key&method=get_links&end_time=1'));
  expect(Object.keys(rows ?? {})).toHaveLength(4);
  expect(call('get_links', 'end_time=1').body).toEqual({ error: 0, error_text: '' });
  expect(
    ask('api_action=pp&api_key=demo-pp-key&method=add_payout&method_id=1&account=U1234567').body,
  ).toMatchObject({ error: 1 });
});

it('sends its local time as UTC, and its texts escaped for HTML, with look-alike letters', () => {
  const row = rowsOf(site().call('get_links'))?.['50190'];
  expect(row).toMatchObject({ date: '2026-01-12 15:00:00', time: 1768230000 });
  expect(row?.['query_string']).toMatch(/&amp;action=s\u0435lect/);
});

it('answers unknown methods with 501 without a body, and other addresses with a page', () => {
  const { ask, call } = site();
  expect(call('get_everything')).toMatchObject({ status: 501, body: '' });
  expect(ask('api_action=pp&method=get_info')).toMatchObject({ status: 501, body: '' });
  expect(ask('', '', { path: '/api/v2' })).toMatchObject({ status: 404 });
  expect(ask('', '', { path: '/api/userapi/v1/test', method: 'GET' })).toMatchObject({ status: 404 });
});

it('refuses a key with HTTP 200, in its own language', () => {
  const wrong = 'api_action=pp&api_key=stolen&method=get_info';
  expect(site().ask(wrong)).toMatchObject({
    status: 200,
    body: { error: 1, error_text: 'Ошибка ключа REST API' },
  });
  expect(site({ language: 'en' }).ask(wrong).body).toEqual({ error: 1, error_text: 'REST API key error' });
});

it('finds nothing by ip, as version 2.2 does', () => {
  expect(site().call('get_links', 'ip=95.24.11.7').body).toEqual({ error: 0, error_text: '' });
});

it('orders the whole balance once, and journals it', () => {
  const { call } = site();
  const first = call('add_payout', 'method_id=1&account=U7654321');
  expect(first.body).toEqual({ error: 0, error_text: 'Выплата успешно заказана', data: { payout_id: 312 } });
  expect(first.effect).toEqual({
    type: 'payout',
    key: '1:U7654321',
    id: '312',
    data: { amount: '40.5025', currency: 'USD' },
  });
  const second = call('add_payout', 'method_id=1&account=U7654321');
  expect(second.effect).toBeUndefined();
  expect(second.body).toMatchObject({ error: 1, error_text: 'Недостаточно средств на Вашем счете' });
});

it('refuses a closed method, a wrong wallet and more than its reserve', () => {
  const text = (options: PpOptions, form: string) =>
    (site(options).call('add_payout', form).body as { error_text: string }).error_text;
  expect(text({}, 'method_id=4&account=P10203040')).toBe('На выбранную валюту запрещено выводить деньги');
  expect(text({}, 'method_id=1&account=7')).toBe('Неверный кошелек');
  expect(text({ reserve: '1', language: 'en' }, 'method_id=1&account=U7654321')).toBe(
    'Not enough reserve for the selected currency',
  );
});

it('has a separate ledger for each key', () => {
  const { ask, call } = site();
  call('add_payout', 'method_id=1&account=U7654321');
  const other = ask('api_action=pp&api_key=demo-pp-key-2&method=add_payout', 'method_id=1&account=U7654321');
  expect(other.effect).toMatchObject({ id: '312' });
});
