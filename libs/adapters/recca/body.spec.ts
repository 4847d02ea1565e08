import { describe, expect, it } from 'vitest';
import { Unreadable, readWire } from '#adapter-kit';
import type { Exchange } from '#adapter-kit';
import { getReferralSummary, readCabinet, readCustomer } from './cabinet.js';
import { upsertUser } from './customers.js';
import { addLead } from './create-lead.js';
import { findLeads, knownLeads, listConversions, listLeads } from './leads.js';
import { getReferralTree, listPartners } from './network.js';
import { recca } from './recca.adapter.js';
import { reccaSimulator } from './simulator.js';
import { countConverted } from './statistics.js';
import { listTransactions } from './transactions.js';

const context = { settings: reccaSimulator.demo.settings, now: new Date('2026-01-15T12:00:00.000Z') };
const wire = (json: unknown) => readWire(200, {}, Buffer.from(JSON.stringify(json)));
const read = (exchange: Exchange, json: unknown, ask: object = { limit: 10 }) =>
  exchange.read(wire(json), ask, context) as unknown;

const pagination = { total_pages: 1, total: 1 };
const row = { id: 'l1', status: 'new' };
const lead = { providerRef: 'l1', status: 'new', providerStatus: 'new' };

describe('Recca: an answer in another form', () => {
  it.each([
    ['without an envelope', (content: object) => content],
    ['below data', (data: object) => ({ success: true, data })],
    ['below result', (result: object) => ({ result, error: null })],
  ])('is read %s', (_, form) => {
    const contact = { contact: { name: 'Анна' } };
    expect(read(addLead, form({ lead_id: 'l1', status: 'new' }), contact)).toMatchObject(lead);
    expect(read(addLead, form({ lead_id: 'l1' }), contact)).toMatchObject({ status: 'new' });
    expect(read(getReferralSummary, form({ kpi: { leads_count: 3 } }))).toEqual({ leadsCount: 3 });
    expect(read(findLeads, form({ leads: [row], pagination }))).toMatchObject({ data: [lead], odd: 0 });
  });

  it('with a result in `data` is no refusal, and proves nothing if it denies that as well', () => {
    expect(recca.refusal(wire({ error: null, data: { lead_id: 'l1' } }), addLead)).toBeUndefined();
    const denied = wire({ error: 'blocked', data: { lead_id: 'l1' } });
    expect(() => recca.refusal(denied, addLead)).toThrow(Unreadable);
  });

  it('may have its rows keyed by their ids', () => {
    expect(read(listLeads, { leads: { l1: row }, pagination })).toMatchObject({ data: [lead] });
    expect(read(findLeads, { leads: { l1: row }, pagination })).toMatchObject({ data: [lead], odd: 0 });
    expect(read(knownLeads, { leads: { l1: row } }, { status: 'all' })).toEqual({ ids: ['l1'] });
  });

  it('may list leads of another status, but one whose status is not known counts as requested', () => {
    const leads = [{ id: 'l1', status: 'won' }, { id: 'l2' }, { id: 'l3', status: 'new' }];
    const known = read(knownLeads, { leads }, { status: 'converted' });
    expect(known).toMatchObject({ ids: ['l1', 'l2'], others: ['l3'] });
  });

  it('may have more pages of conversions than of rows that are some', () => {
    const pages = { leads: [row], pagination: { total_pages: 2 } };
    expect(read(listConversions, pages)).toEqual({ data: [], next: expect.any(String) });
  });

  it.each([[null], [false], [''], [{}], [[]]])('has no rows: %j', leads => {
    expect(read(listLeads, { leads })).toEqual({ data: [] });
  });

  it.each([[null], [false], [''], [{}]])('does not prove that there are no rows: %j', leads => {
    expect(() => read(findLeads, { leads })).toThrow(Unreadable);
  });

  it.each([[false], [''], [{}]])('does not prove that there were no rows before: %j', leads => {
    expect(read(knownLeads, { leads })).toEqual({ ids: [], total: 1 });
  });

  it('with a text instead of a list is unreadable', () => {
    expect(() => read(listLeads, { leads: 'none' })).toThrow(Unreadable);
  });

  it('without an id of any lead is unreadable, since "no leads" would be false', () => {
    const nameless = { status: 'converted', contact_name: 'Анна' };
    for (const exchange of [listLeads, listConversions]) {
      expect(() => read(exchange, { leads: [nameless], pagination })).toThrow(Unreadable);
      const rows = read(exchange, { leads: [nameless, { ...row, status: 'converted' }], pagination });
      expect(rows).toMatchObject({ data: [{ status: expect.any(String) }] });
    }
    expect(read(findLeads, { leads: [nameless], pagination })).toMatchObject({ odd: 1 });
  });

  it('without an id of anybody in a level of the tree is unreadable', () => {
    const tree = (level: object[]) => ({ root: { user_id: 'ub_A' }, levels: [[{ user_id: 'ub_A' }], level] });
    expect(() => read(getReferralTree, tree([{ display_name: 'Анна' }]))).toThrow(Unreadable);
    expect(read(getReferralTree, tree([{}, { user_id: 'ub_B' }]))).toMatchObject({
      levels: [[{ customerRef: 'ub_A' }], [{ customerRef: 'ub_B' }]],
    });
  });

  it.each([false, 0, '0', ''])('with %j instead of an id registers nobody', id => {
    const ids = { tenant_recca_id: 'ub_1', recca_user_id: 'usr_1' };
    const ask = { externalId: 'shop:1' };
    for (const name of Object.keys(ids))
      expect(() => read(upsertUser, { ...ids, [name]: id }, ask)).toThrow(Unreadable);
  });
});

describe('Recca: an answer about another person', () => {
  const refs = { tenantReccaId: 'ub_A' };
  const ask = { refs, limit: 10 };
  const about = (id: unknown) => ({
    user: { id_surrogate: id, display_name: 'Анна' },
    kpi: { leads_count: 3 },
    leads: [],
    transactions: [],
    partners: [],
    root: { user_id: id },
    levels: [],
    pagination,
  });
  const reads: Exchange[] = [
    readCustomer,
    readCabinet,
    getReferralSummary,
    listTransactions,
    listLeads,
    findLeads,
  ];
  reads.push(knownLeads, listConversions, getReferralTree, listPartners, countConverted);

  it.each(reads.map(exchange => [exchange.name, exchange] as const))('is unreadable: %s', (_, exchange) => {
    expect(() => read(exchange, about('ub_B'), ask)).toThrow(Unreadable);
    for (const id of ['ub_A', undefined, null]) {
      const body = { ...about('ub_A'), user: { id_surrogate: id, display_name: 'Анна' } };
      expect(() => read(exchange, body, ask)).not.toThrow();
    }
  });
});
