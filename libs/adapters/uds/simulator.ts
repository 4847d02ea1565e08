import { defineSimulator } from '#adapter-kit/testing';
import type { SimulatedAnswer, SimulatedRequest, Simulator } from '#adapter-kit/testing';
import { calc, find, listCustomers, readCustomer } from './simulator/customers.js';
import { listOperations, purchase, readOperation } from './simulator/operations.js';
import type { Done } from './simulator/operations.js';
import { usualOptions } from './simulator/options.js';
import type { UdsSimulatorOptions } from './simulator/options.js';
import { refund } from './simulator/refunds.js';
import { Refused } from './simulator/refused.js';
import { newWorld, tiers } from './simulator/world.js';
import type { World } from './simulator/world.js';

const demo = { companyId: '549755813888', apiKey: 'demo-uds-key' };

/** Simulates UDS: one company with its ledger; the options choose its policy, and its behaviour where the real one is unknown. */
export const udsSimulator = defineSimulator<Partial<UdsSimulatorOptions>>({
  provider: 'uds',
  basePath: '/partner/v2',
  demo: { credentials: demo, settings: {} },
  credentialIn: ['authorization'],
  // Plain text, as its clients report.
  tooManyRequests: { status: 429, body: 'Server Error' },
  cast: { buyer: { type: 'code', value: '123456' } },
  create: (options, firstNumber) => new UdsSimulator(newWorld({ ...usualOptions, ...options }, firstNumber)),
});

class UdsSimulator implements Simulator {
  constructor(private readonly world: World) {}

  handle(request: SimulatedRequest): SimulatedAnswer {
    this.world.answers += 1;
    const headers = this.headers(request);
    try {
      const { body, effect } = answer(this.world, request);
      return { status: 200, headers, body, effect };
    } catch (error) {
      if (error instanceof Refused) return { status: error.status, headers, body: error.body };
      // UDS answers internal errors with two words of plain text.
      return { status: 500, headers: { ...headers, 'content-type': 'text/plain' }, body: 'Server Error' };
    }
  }

  private headers({ headers, now }: SimulatedRequest): Record<string, string> {
    const requestId = headers['x-origin-request-id'];
    return {
      'X-Request-Id': `00000000-0000-4000-8000-${String(this.world.answers).padStart(12, '0')}`,
      'X-Timestamp': now.toISOString(),
      ...(requestId && { 'X-Origin-Request-Id': requestId }),
    };
  }

  state(): unknown {
    const { options, customers, codes, operations } = this.world;
    return {
      options,
      customers: customers.map(({ id, uid, phone, displayName, points, tier }) => {
        return { id, uid, phone, displayName, points: points.toFixed(2), tier: tier.name };
      }),
      codes: [...codes].map(([code, { customer, reusable }]) => ({
        code,
        customer: customer.displayName,
        reusable,
      })),
      operations: operations.map(operation => readOperation(this.world, String(operation.id))),
    };
  }
}

const proof = `Basic ${Buffer.from(`${demo.companyId}:${demo.apiKey}`).toString('base64')}`;

function answer(world: World, request: SimulatedRequest): Done {
  if (request.headers['authorization'] !== proof)
    throw new Refused(401, 'unauthorized', 'Full authentication is required to access this resource');
  if (world.options.companyIsInactive)
    throw new Refused(403, 'companyIsInactive', 'The company is not active');
  const call = `${request.method} ${request.path}`;
  const whole = calls[call];
  if (whole) return whole(world, request);
  for (const [pattern, byId] of callsById) {
    const id = pattern.exec(call)?.[1];
    if (id !== undefined) return byId(world, decodeURIComponent(id), request);
  }
  throw new Refused(404, 'notFound', `No handler found for ${call}`);
}

type Call = (world: World, request: SimulatedRequest) => Done;
type CallById = (world: World, id: string, request: SimulatedRequest) => Done;

const calls: Record<string, Call> = {
  'GET /settings': world => ({ body: settings(world) }),
  'GET /customers': (world, request) => ({ body: listCustomers(world, request) }),
  'GET /customers/find': (world, request) => ({ body: find(world, request) }),
  'GET /operations': (world, request) => ({ body: listOperations(world, request) }),
  'POST /operations': purchase,
  'POST /operations/calc': (world, request) => ({ body: calc(world, request) }),
};

const callsById: [RegExp, CallById][] = [
  [/^GET \/customers\/([^/]+)$/, (world, id) => ({ body: readCustomer(world, id) })],
  [/^GET \/operations\/([^/]+)$/, (world, id) => ({ body: readOperation(world, id) })],
  [/^POST \/operations\/([^/]+)\/refund$/, refund],
];

function settings({ options }: World): object {
  return {
    id: Number(demo.companyId),
    name: 'Кофейня «Ромашка»',
    promoCode: 'romashka',
    currency: options.currency,
    baseDiscountPolicy: options.policy,
    purchaseByPhone: options.purchaseByPhone,
    usePointsByPhone: options.usePointsByPhone,
    writeInvoice: false,
    slug: 'romashka',
    loyaltyProgramSettings: {
      baseMembershipTier: tiers.base,
      membershipTiers: [tiers.silver, tiers.gold],
      referralCashbackRates: [5, 3, 1],
      cashierAward: null,
      referralReward: null,
      receiptLimit: null,
      deferPointsForDays: options.deferPointsForDays || null,
      firstPurchasePoints: null,
    },
  };
}
