import type { CustomerData, LookupAsk, ProviderRefs, ReferralSummary } from '#canonical';
import { Refusal } from '#canonical';
import { defineExchange, reader, send, steps } from '#adapter-kit';
import type { Context, ExtensionAsk, WireAnswer } from '#adapter-kit';
import { bodyAbout } from './body.js';
import { currencyShown, fromKopecks } from './kopecks.js';
import { embedErrors, requireAccepted } from './refusal.js';
import { embedId, embedRead } from './request.js';
import type { ReccaSettings } from './settings.js';

interface Whose {
  refs: ProviderRefs;
}

/** The cabinet as a customer, with their known ids, since the cabinet only contains the `ub_…` id. */
export const readCustomer = defineExchange<Whose, CustomerData>({
  name: 'read-customer',
  call: 'GET /embed/v1/data/cabinet/{user_id}',
  retryClass: 'read',
  errors: embedErrors,
  request: ({ refs }) => embedRead('cabinet', refs),
  read: (answer, { refs }) => ({
    providerRefs: { ...refs, tenantReccaId: embedId(refs) },
    externalId: refs['externalId'],
    displayName: bodyAbout(answer, refs).at('user').needRecord().at('display_name').text(),
    member: true,
  }),
});

/** Finds a customer by the `ub_…` id; only the gateway knows the merchant's ids. */
export const lookupCustomer = steps(readCustomer, function* ({ identifier }: LookupAsk) {
  if (identifier.type === 'externalId')
    throw new Refusal('customer-not-found', {
      detail:
        'Recca cannot look people up by `externalId`. The gateway knows only those that it registered with `POST /v1/customers`, and this person is not one of them.',
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
  read: (answer, { refs }) => summaryOf(answer, refs),
});

// Leads and bonuses of one person.
function summaryOf(answer: WireAnswer, refs?: ProviderRefs): ReferralSummary {
  const kpi = bodyAbout(answer, refs).at('kpi').needRecord();
  const sum = (name: 'cleared' | 'pending') =>
    fromKopecks(kpi.at(`${name}_kopecks`), kpi.at('currency'), currencyShown(kpi.at(`${name}_formatted`)));
  return { leadsCount: kpi.at('leads_count').whole(), cleared: sum('cleared'), pending: sum('pending') };
}

/** The unchanged cabinet, for the caller's own widget. */
export const readCabinet = defineExchange<ExtensionAsk, unknown>({
  name: 'cabinet',
  call: 'GET /embed/v1/data/cabinet/{user_id} (as it came)',
  retryClass: 'read',
  errors: embedErrors,
  request: ({ refs }) => embedRead('cabinet', refs),
  read: (answer, { refs }) => {
    bodyAbout(answer, refs);
    return reader(answer.body).needRecord().value;
  },
});

/** The check of a connection, with an unknown person: the answer shows whether the origin and the tenant are accepted. */
export const checkOrigin = defineExchange<Record<string, never>, { known: boolean }>({
  name: 'check-origin',
  call: 'GET /embed/v1/data/cabinet/{user_id} (probe)',
  retryClass: 'read',
  errors: embedErrors,
  // The refusal of an unknown person is not documented; it may be any of these.
  accepts: [400, 404, 422],
  request: () => embedRead('cabinet', { tenantReccaId: 'ub_probe' }),
  read: (answer, _ask, { settings }: Context<ReccaSettings>) => {
    requireAccepted(answer, settings);
    return { known: answer.status < 300 };
  },
});
