import type { Exchange, PlanRun, ReconcileContext, Steps, Supported, Verdict } from '#adapter-kit';
import { play } from '#adapter-kit/testing';
import type { SimulatedAnswer, SimulatedRequest } from '#adapter-kit/testing';
import type {
  OperationAsks,
  OperationKind,
  OperationResults,
  PurchaseAsk,
  PurchaseData,
  RefundAsk,
} from '#canonical';
import { money } from '#canonical';
import { findPurchase } from './reconcile-purchase.js';
import { findRefund } from './reconcile-refund.js';
import { UdsSettings } from './settings.js';
import { udsSimulator } from './simulator.js';
import type { UdsSimulatorOptions } from './simulator/options.js';
import { uds } from './uds.adapter.js';

/** The time of every test. */
export const NOW = new Date('2026-01-15T12:00:00.000Z');
/** The nonce of the tested purchase. */
export const NONCE = '0c9a1c1e-5c39-4b55-9d0a-1f6f7a0b1c2d';
/** Roubles. */
export const rub = (amount: string) => money(amount, 'RUB');

type Wire = (answer: SimulatedAnswer, request: SimulatedRequest) => SimulatedAnswer | undefined;
type Hears = (request: SimulatedRequest) => SimulatedRequest;

/** A till that plays the adapter's plans against one simulator, over a wire that a test may cut. */
export class Till {
  readonly sent: string[] = [];
  readonly effects: string[] = [];
  readonly before: Record<string, unknown> = {};
  readonly requestIds: string[] = [];
  wire: Wire = answer => answer;
  /** What UDS understands of a request. */
  hears: Hears = request => request;
  now = NOW;
  nonce = NONCE;
  /** When an earlier attempt sent the write, if it may have had its effect. */
  firstSentAt: Date | undefined;
  /** How far the clock of UDS is ahead of the till's. */
  aheadMs = 0;
  private readonly simulator;
  private readonly settings: UdsSettings;

  constructor(options: Partial<UdsSimulatorOptions> = {}, settings: Partial<UdsSettings> = {}) {
    this.simulator = udsSimulator.create(options);
    this.settings = Object.assign(new UdsSettings(), settings);
  }

  does<K extends OperationKind>(kind: K, ask: OperationAsks[K]): OperationResults[K] {
    const { does } = uds.operations[kind] as Supported<K>;
    return this.run(
      'run' in does ? (does as Steps).run(ask, this.context) : alone(does, ask),
    ) as OperationResults[K];
  }

  buys(ask: PurchaseAsk): PurchaseData {
    return this.does('createPurchase', ask);
  }

  judges(ask: PurchaseAsk, more: Partial<ReconcileContext> = {}): Verdict<PurchaseData> {
    return this.run(findPurchase.run(ask, { ...this.searched, ...more }), {});
  }

  judgesRefund(ask: RefundAsk, more: Partial<ReconcileContext> = {}) {
    return this.run(findRefund.run(ask, { ...this.searched, ...more }), {});
  }

  /** The ledger in the form of `/__sim/state`. */
  get books() {
    return this.simulator.state() as {
      customers: { uid: string; points: string }[];
      operations: { id: number }[];
    };
  }

  private get context() {
    const { now, nonce, firstSentAt } = this;
    return { settings: { ...this.settings }, now, nonce, operationId: 'opr_1', firstSentAt };
  }

  private get searched(): ReconcileContext {
    const times = { firstSentAt: NOW, lastSentAt: NOW, repeats: 0, tries: 1 };
    return { ...this.context, ...times, before: { ...this.before } };
  }

  private run<T>(plan: PlanRun<T>, steps = this.before): T {
    const wire: Wire = (answer, request) => {
      this.sent.push(`${request.method} ${request.path}`);
      this.requestIds.push(request.headers['x-origin-request-id'] ?? '');
      if (answer.effect) this.effects.push(answer.effect.type);
      return this.wire(answer, request);
    };
    const simulator = {
      handle: (request: SimulatedRequest) =>
        this.simulator.handle({
          ...this.hears(request),
          now: new Date(request.now.getTime() + this.aheadMs),
        }),
      state: () => this.simulator.state(),
    };
    return play({ adapter: uds, factory: udsSimulator, simulator, context: this.context, wire }, plan, steps);
  }
}

function* alone(exchange: Exchange, ask: unknown): PlanRun<unknown> {
  return yield { exchange, ask };
}

/** A sale of 1,000 roubles with the code of Anna, who has 928.50 points on the gold tier (10 %, 70 %). */
export const sale = (more: Partial<PurchaseAsk['receipt']> & Partial<PurchaseAsk> = {}): PurchaseAsk => {
  const { subject, merchantReference = 'order-1', cashier, ...receipt } = more;
  return {
    subject: subject ?? { identifier: { type: 'code', value: '123456' } },
    merchantReference,
    cashier,
    receipt: { total: rub('1000.00'), ...receipt },
    holds: [],
  };
};
