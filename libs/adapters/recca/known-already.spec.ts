import { describe, expect, it } from 'vitest';
import { interpret, readWire } from '#adapter-kit';
import type { Exchange } from '#adapter-kit';
import { registerConversion } from './conversions.js';
import { recca } from './recca.adapter.js';
import { reccaSimulator } from './simulator.js';

const context = { settings: reccaSimulator.demo.settings, now: new Date('2026-01-15T12:00:00.000Z') };
const wire = (status: number, json: unknown) => readWire(status, {}, Buffer.from(JSON.stringify(json)));
const codeOf = (status: number, json: unknown) => recca.refusal(wire(status, json), registerConversion)?.code;

describe('Recca: a refusal of a sale', () => {
  it.each([
    { message: 'Lead not exists' },
    { message: 'The order no longer exists' },
    { error: 'ORDER_NOT_EXISTS' },
    { errors: { lead_id: ['validation.exists'] } },
    { errors: { lead_id: ['validation.exists'] }, external_order_id: 'order-1' },
    { message: 'Лид уже закрыт' },
    { message: 'Нужен lead_id' },
    { error: { code: 'LEAD_NOT_EXISTS', message: 'no' } },
    { message: 'Window has already expired' },
    { message: 'Window has already expired', lead: { status: 'converted' } },
    { message: 'bad lead', duplicate: false, duplicate_of: null, duplicates: 0 },
    { message: 'The lead is mistaken' },
    { message: 'The phone is not already registered' },
  ])('is an ordinary one: %j', json => {
    const meant = interpret(recca, registerConversion as Exchange, wire(422, json), {}, context);
    expect(meant).toMatchObject({ refusal: { code: 'validation-failed' } });
  });

  it.each([
    { errors: { external_order_id: ['has already been taken'] } },
    { errors: { external_order_id: ['exists'] } },
    { message: 'order-1 is taken' },
    { error: { code: 'DUPLICATE_ORDER', message: 'no' } },
    { error: { code: 'ORDER_EXISTS', message: 'no' } },
    { error: { code: 'OrderAlreadyExists', message: 'no' } },
    { message: 'bad', duplicate: true },
    { message: 'Order order-1 was already processed' },
    { message: 'Заказ exists' },
    { message: 'Такой заказ уже был зарегистрирован' },
    { message: 'Заказ уже учтён' },
    { message: 'Номер уже использован' },
    { message: 'Дублирующийся номер' },
  ])('says that its order is known: %j', json => expect(codeOf(422, json)).toBe('known-already'));

  it.each([
    { message: 'Lead already converted' },
    { message: 'The lead is already in the status converted' },
    { message: 'Лид уже сконвертирован' },
    { message: 'Lead already has a conversion' },
    { error: { code: 'LEAD_ALREADY_HAS_CONVERSION', message: 'no' } },
    { message: 'У лида уже есть конверсия' },
    { message: 'The lead is converted' },
  ])('says that its lead is converted: %j', json => {
    for (const status of [400, 409, 422]) expect(codeOf(status, json)).toBe('ALREADY_CONVERTED');
  });
});

describe('Recca: a conflict of a sale', () => {
  const registered = {
    message: 'order o-1 already registered',
    conversion_id: 'c2',
    lead: { status: 'converted' },
  };

  it('is about its lead by its code, or by words that name no order', () => {
    expect(codeOf(409, registered)).toBe('http-409');
    expect(codeOf(409, { message: 'Lead already converted', external_order_id: 'o-1' })).toBe('http-409');
    expect(codeOf(409, { error: 'conflict' })).toBe('http-409');
    expect(codeOf(409, { ...registered, code: 'ALREADY_CONVERTED' })).toBe('ALREADY_CONVERTED');
  });

  it.each([
    { message: 'order o-1 already registered', lead: { status: 'converted' } },
    { message: 'Заказ уже конвертирован' },
    { message: 'Lead already converted', external_order_id: 'o-1' },
    { message: 'Lead already converted', conversion: { conversion_id: 'c2' } },
  ])('is not about its lead where it names an order or a conversion: %j', json => {
    expect(codeOf(422, json)).toBe('known-already');
  });
});
