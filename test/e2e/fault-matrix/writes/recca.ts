import { completeConsent, consentKind, conversionKind, customerKind, leadKind, linkKind } from '#outbound';
import type { ConsentSession, Customer, Lead } from '#canonical';
import type { Stage } from '../stage.js';
import type { WriteCall } from '../write-call.js';

const contact = { name: 'Мария Новикова', phone: '+79031112233' };
const federation = (call: string): RegExp => new RegExp(`^POST /federation/v1/${call}$`);

const ivan = (stage: Stage): Promise<Customer> => stage.done(customerKind, { externalId: 'mysite:vk:12345' });

/** The customer has consented in the popup. */
async function consented(stage: Stage): Promise<Customer> {
  const customer = await ivan(stage);
  const session: ConsentSession = await stage.done(consentKind, { customerId: customer.id });
  const page = await (await fetch(session.authorizeUrl)).text();
  const messages: { token: string; user_id: string; expires_at: number; state: string }[] = JSON.parse(
    /id="messages">(.*?)<\/script>/s.exec(page)![1]!,
  );
  const said = messages.find(({ user_id }) => user_id === customer.providerRefs['tenantReccaId'])!;
  const { token, user_id: userId, expires_at: expiresAt, state } = said;
  await completeConsent(stage.core, stage.world.tenantId, session.id, { token, userId, expiresAt, state });
  return customer;
}

/** Recca's writes of people and links are keyed; a lead is found only by its name, a conversion by its lead. */
export const reccaWrites: WriteCall[] = [
  {
    provider: 'recca',
    exchange: 'upsert-user',
    retryClass: 'keyed',
    way: 'repeat',
    wire: federation('users/upsert'),
    needs: '/tenant_recca_id',
    arrange: async () => ({
      kind: customerKind,
      body: { externalId: 'matrix-1', displayName: 'Пётр', email: 'petr@example.com' },
    }),
  },
  {
    provider: 'recca',
    exchange: 'add-lead',
    retryClass: 'reconcilable',
    way: 'person',
    wire: federation('leads'),
    needs: '/lead_id',
    steps: true,
    arrange: async stage => ({
      kind: leadKind,
      body: { referrerCustomerId: (await ivan(stage)).id, contact },
    }),
  },
  {
    provider: 'recca',
    exchange: 'register-conversion',
    retryClass: 'reconcilable',
    way: 'sighting',
    wire: federation('conversions/register'),
    needs: '/conversion_id',
    steps: true,
    arrange: async stage => {
      const { id } = await ivan(stage);
      const lead: Lead = await stage.done(leadKind, { referrerCustomerId: id, contact });
      const amount = { amount: '1500.00', currency: 'RUB' };
      return { kind: conversionKind, body: { leadId: lead.id, amount, merchantReference: 'matrix-order' } };
    },
  },
  {
    provider: 'recca',
    exchange: 'create-link',
    retryClass: 'absolute',
    way: 'repeat',
    wire: /^POST \/embed\/v1\/data\/referral-link/,
    needs: '/short_url',
    arrange: async stage => ({
      kind: linkKind,
      body: { customerId: (await consented(stage)).id, target: { type: 'offer', id: 'off_42' } },
    }),
  },
];
