import type { CustomerData, LookupAsk, ProviderRefs, ReferralSummary } from '#canonical';
import { Refusal } from '#canonical';
import { defineExchange, reader, send, steps } from '#adapter-kit';
import type { ExtensionAsk, Reader, WireAnswer } from '#adapter-kit';
import { bodyOf } from './body.js';
import { fromKopecks } from './kopecks.js';
import { embedErrors, embedId, embedRead } from './request.js';

interface Whose {
  refs: ProviderRefs;
}

/** The cabinet as a customer; what we knew of them before stays, since the cabinet tells the `ub_…` id alone. */
export const readCustomer = defineExchange<Whose, CustomerData>({
  name: 'read-customer',
  call: 'GET /embed/v1/data/cabinet/{user_id}',
  retryClass: 'read',
  errors: embedErrors,
  request: ({ refs }) => embedRead('cabinet', refs),
  read: (answer, { refs }) => ({
    providerRefs: { ...refs, tenantReccaId: embedId(refs) },
    externalId: refs['externalId'],
    displayName: bodyOf(answer).at('user').needRecord().at('display_name').text(),
    member: true,
  }),
});

/** Finds a customer by the `ub_…` id; ids of the merchant are known to the gateway alone. */
export const lookupCustomer = steps(readCustomer, function* ({ identifier }: LookupAsk) {
  if (identifier.type === 'externalId')
    throw new Refusal('customer-not-found', {
      detail:
        'Recca cannot be asked by `externalId`: the gateway knows those people that it registered with `POST /v1/customers`, and this one is not among them.',
    });
  return yield* send(readCustomer, { refs: { tenantReccaId: identifier.value } });
});

/** The cabinet's totals. */
export const getReferralSummary = defineExchange<{ refs?: ProviderRefs }, ReferralSummary>({
  name: 'read-summary',
  call: 'GET /embed/v1/data/cabinet/{user_id} (kpi)',
  retryClass: 'read',
  errors: embedErrors,
  request: ({ refs }) => embedRead('cabinet', refs),
  read: answer => summaryOf(answer),
});

/** Leads and bonuses of one person, out of a cabinet. */
export function summaryOf(answer: WireAnswer): ReferralSummary {
  const kpi = bodyOf(answer).at('kpi').needRecord();
  return {
    leadsCount: count(kpi.at('leads_count')),
    cleared: fromKopecks(kpi.at('cleared_kopecks')),
    pending: fromKopecks(kpi.at('pending_kopecks')),
  };
}

/** A whole number of things, or nothing. */
export function count(field: Reader): number | undefined {
  const number = Number(field.decimal() ?? Number.NaN);
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** The cabinet as it came, for a widget of one's own. */
export const readCabinet = defineExchange<ExtensionAsk, unknown>({
  name: 'cabinet',
  call: 'GET /embed/v1/data/cabinet/{user_id} (as it came)',
  retryClass: 'read',
  errors: embedErrors,
  request: ({ refs }) => embedRead('cabinet', refs),
  read: answer => reader(answer.body).needRecord().value,
});

/** The probe: a person whom nobody knows; the answer tells whether the origin and the tenant are accepted. */
export const checkOrigin = defineExchange<Record<string, never>, { known: boolean }>({
  name: 'check-origin',
  call: 'GET /embed/v1/data/cabinet/{user_id} (probe)',
  retryClass: 'read',
  errors: embedErrors,
  // How a person that does not exist is refused is not documented; any of these came after the origin was let in.
  accepts: [400, 404, 422],
  request: () => embedRead('cabinet', { tenantReccaId: 'ub_probe' }),
  read: ({ status }) => ({ known: status < 300 }),
});
