import type { SimulatedAnswer } from '#adapter-kit/testing';
import { no, nowhere, objectOf, textIn } from './answers.js';
import type { ReccaOptions } from './options.js';
import type { User } from './seed.js';
import type { Conversion, Tenant } from './tenant.js';

/** The input of a federation call; its key has already been checked. */
export interface Call {
  tenant: Tenant;
  body: Record<string, unknown>;
  now: Date;
  options: ReccaOptions;
}

const calls: Record<string, (call: Call) => SimulatedAnswer> = {
  '/users/upsert': upsert,
  '/leads': lead,
  '/conversions/register': convert,
};

/** Answers a call by its path below `/federation/v1`. */
export function callFederation(path: string, body: string, call: Omit<Call, 'body'>): SimulatedAnswer {
  const answer = Object.hasOwn(calls, path) ? calls[path] : undefined;
  if (!answer) return nowhere;
  const object = objectOf(body);
  return object ? answer({ ...call, body: object }) : no(400, 'bad_json', 'Тело запроса — не JSON-объект');
}

const missing = (name: string): SimulatedAnswer => no(422, 'validation_error', `Поле ${name} обязательно`);

function upsert({ tenant, body }: Call): SimulatedAnswer {
  const externalId = textIn(body, 'external_id');
  if (!externalId) return missing('external_id');
  const known = tenant.byExternalId(externalId);
  const name = textIn(body, 'full_name');
  const email = textIn(body, 'email');
  const given: Partial<User> = { ...(name ? { name } : {}), ...(email ? { email } : {}) };
  const changed = !known || known.name !== (name ?? known.name) || known.email !== (email ?? known.email);
  const user = known ? Object.assign(known, given) : tenant.addUser({ ...given, externalId });
  const action = known ? 'updated' : 'created';
  return {
    status: 200,
    body: { tenant_recca_id: user.ub, recca_user_id: user.usr, action },
    ...(changed ? { effect: { type: 'customer', key: externalId, id: user.usr, data: { action } } } : {}),
  };
}

function lead({ tenant, body, now, options }: Call): SimulatedAnswer {
  const referrer = tenant.byFederationId(textIn(body, 'referrer_user_id'));
  if (!referrer) return no(404, 'referrer_not_found', 'Реферер не найден');
  const contact = body['contact'] as Record<string, unknown> | undefined;
  const name = contact && typeof contact === 'object' ? textIn(contact, 'name') : undefined;
  if (!name) return missing('contact.name');
  const first = tenant.leadsOf(referrer).find(known => known.name === name);
  if (first && options.repeatedContact === 'first')
    return { status: 200, body: { lead_id: first.id, status: first.status } };
  const added = tenant.addLead(referrer, name, now);
  const ref = (body['metadata'] as Record<string, unknown> | undefined)?.['ref'];
  return {
    status: 200,
    body: { lead_id: added.id, status: added.status },
    effect: { type: 'lead', key: typeof ref === 'string' ? ref : name, id: added.id },
  };
}

function convert({ tenant, body, now, options }: Call): SimulatedAnswer {
  const order = textIn(body, 'external_order_id');
  const kopecks = body['amount_kopecks'];
  const currency = textIn(body, 'currency');
  if (!order) return missing('external_order_id');
  if (!currency) return missing('currency');
  if (typeof kopecks !== 'number' || !Number.isSafeInteger(kopecks) || kopecks <= 0)
    return no(422, 'validation_error', 'amount_kopecks должно быть целым положительным числом');
  const found = tenant.leads.find(({ id }) => id === textIn(body, 'lead_id'));
  if (!found) return no(404, 'lead_not_found', 'Лид не найден');
  if (found.status === 'rejected') return no(422, 'lead_rejected', 'Лид отклонён');
  const before = tenant.conversions.find(conversion => conversion.order === order);
  if (before && options.repeatedOrder === 'conflict')
    return no(409, 'order_exists', 'Такой заказ уже зарегистрирован');
  if (before && options.repeatedOrder !== 'duplicate') return { status: 200, body: bodyOf(before) };
  const first = tenant.conversions.find(conversion => conversion.lead === found);
  if (first && options.secondSale === 'first') return { status: 200, body: bodyOf(first) };
  const conversion = tenant.convert(found, order, kopecks, now);
  return {
    status: 200,
    body: bodyOf(conversion),
    effect: { type: 'conversion', key: order, id: conversion.id, data: { kopecks, currency } },
  };
}

const bodyOf = ({ id, bonuses }: Conversion) => ({
  conversion_id: id,
  cascaded_bonuses: bonuses.map(({ user, kopecks, tier }) => ({
    user_id: user.usr,
    amount_kopecks: kopecks,
    tier,
  })),
});
