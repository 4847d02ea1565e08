/** An example body for the OpenAPI document; it works when posted to the sandbox. */
export type BodyExample = { summary: string; value: Record<string, unknown> };

/** People and places that exist in the sandbox, so that the examples below work. */
export const demo = {
  /** A one-time code from the app; starts with a 0 on purpose: codes are text. */
  code: '012345',
  /** Not yet a customer's at UDS, where a purchase by phone creates the customer. */
  phone: '+79031234567',
  /** The phone of a UDS customer, whom a look-up finds before any sale. */
  memberPhone: '+79990000001',
  card: '2200700112345678',
  uid: '5c6d7e8f-1a2b-4c3d-9e0f-123456789abc',
  externalId: 'crm-1042',
  displayName: 'Anna Petrova',
  email: 'anna@example.com',
  locationId: 'shop-1',
  cashierId: 'till-7',
} as const;

const rub = (amount: string) => ({ amount, currency: 'RUB' });
const byPhone = { identifier: { type: 'phone', value: demo.phone } };
const byCode = { identifier: { type: 'code', value: demo.code } };
const at = { locationId: demo.locationId };
const customerId = 'cus_01h455vb4pex5vsknk084sn02q';

/** Example request bodies by class name; a test checks that each passes the validator. */
export const bodyExamples = {
  LookupRequest: {
    byCode: {
      summary: 'By the app’s code, for a receipt',
      value: { ...byCode, ...at, receipt: { total: rub('1000.00') } },
    },
    byPhone: {
      summary: 'By phone',
      value: { identifier: { type: 'phone', value: demo.memberPhone }, ...at },
    },
  },
  QuoteCreate: {
    byPhone: {
      summary: 'What would it cost?',
      value: { ...byPhone, ...at, receipt: { total: rub('1000.00') } },
    },
  },
  HoldCreate: {
    byCode: {
      summary: 'Keep 100 points for 10 minutes',
      value: { ...byCode, ...at, points: '100', durationSeconds: 600 },
    },
  },
  HoldRelease: { release: { summary: 'Release the points', value: { reason: 'customer left' } } },
  PurchaseCreate: {
    earn: {
      summary: 'Earn points',
      value: {
        ...byPhone,
        merchantReference: 'order-2026-000117',
        receipt: { total: rub('1000.00') },
      },
    },
    redeem: {
      summary: 'Pay with 100 points',
      value: {
        ...byCode,
        ...at,
        merchantReference: 'order-2026-000118',
        receipt: { total: rub('1000.00'), redeemPoints: '100' },
        cashier: { externalId: demo.cashierId },
      },
    },
  },
  RefundCreate: {
    all: { summary: 'All that is left', value: { merchantReference: 'refund-2026-000117' } },
    part: { summary: 'A part', value: { merchantReference: 'refund-2026-000118', amount: rub('100.00') } },
  },
  CustomerCreate: {
    create: {
      summary: 'Create or update',
      value: { externalId: demo.externalId, displayName: demo.displayName, email: demo.email },
    },
  },
  BalanceAdjustmentCreate: { add: { summary: 'Add 50', value: { delta: rub('50.00'), reason: 'goodwill' } } },
  LinkCreate: {
    offer: { summary: 'Recommend an offer', value: { customerId, target: { type: 'offer', id: 'off_42' } } },
  },
  LeadCreate: {
    lead: {
      summary: 'Hand over a lead',
      value: {
        referrerCustomerId: customerId,
        contact: { name: 'Pavel Ivanov', email: 'pavel@example.com' },
      },
    },
  },
  ConversionCreate: {
    sale: {
      summary: 'The lead bought',
      value: {
        leadId: 'led_01h455vb4pex5vsknk084sn02q',
        amount: rub('15000.00'),
        merchantReference: 'order-2026-000119',
      },
    },
  },
  PayoutCreate: { order: { summary: 'Pay the balance out', value: { methodId: '1', account: 'U1234567' } } },
  ConsentSessionCreate: { ask: { summary: 'Ask for consent', value: { customerId } } },
  OperationResolve: {
    executed: {
      summary: 'It did happen',
      value: { outcome: 'executed', note: 'Seen in the provider’s cabinet.' },
    },
  },
  ConsentComplete: {
    popup: {
      summary: 'What the popup posted; `state` is that of the session',
      value: {
        token: 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln',
        userId: 'ub_GB_xyz',
        expiresAt: 4_102_444_800_000,
        state: 'b7f3a90c5d1e4f6a8b2c7d9e0f1a3b5c',
      },
    },
  },
  ConnectionPatch: {
    name: {
      summary: 'Another name and a lower limit',
      value: { name: 'UDS, Nevsky 1', rateLimit: { requestsPerSecond: 4 } },
    },
  },
  ConnectionCredentials: {
    uds: {
      summary: 'UDS; these are good for `uds` in the sandbox',
      value: { credentials: { companyId: '549755813888', apiKey: 'demo-uds-key' } },
    },
  },
  ConnectionCreate: {
    uds: {
      summary: 'UDS',
      value: {
        provider: 'uds',
        slug: 'uds-main',
        credentials: { companyId: '549755819292', apiKey: 'c2FuZGJveC1rZXk' },
      },
    },
  },
  SubscriptionCreate: {
    queue: { summary: 'A queue', value: { target: { type: 'queue', name: 'shop-events' }, events: ['*'] } },
    // A host name that resolves: a webhook's address is checked when it is set.
    webhook: {
      summary: 'A webhook; put in your own address',
      value: {
        target: { type: 'webhook', url: 'https://example.com/hooks/loyalty' },
        events: ['purchase.*'],
      },
    },
  },
  ApiKeyCreate: {
    till: {
      summary: 'A key for a till',
      value: { name: 'till 7', scopes: ['loyalty:read', 'loyalty:write', 'operations:read'] },
    },
  },
  TenantCreate: { tenant: { summary: 'A merchant', value: { name: 'Coffee & Co', slug: 'coffee-and-co' } } },
} satisfies Record<string, Record<string, BodyExample>>;
