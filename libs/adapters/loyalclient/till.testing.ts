import { Refusal, money } from '#canonical';
import type { OperationAsks, OperationKind, PurchaseAsk, PurchaseData } from '#canonical';
import type { HoldStanding, PlanRun, Steps, Supported, Verdict, WriteBeside } from '#adapter-kit';
import { play } from '#adapter-kit/testing';
import type { Stage } from '#adapter-kit/testing';
import { balanceDelta } from './balance-delta.js';
import { probeHold } from './hold-probe.js';
import { loyalclient } from './loyalclient.adapter.js';
import { LoyalClientSettings } from './settings.js';
import { loyalclientSimulator } from './simulator.js';
import type { LoyalClientOptions } from './simulator.js';
import { sharedPath } from './wire.js';

const now = new Date('2026-01-15T12:00:00.000Z');
/** Roubles. */
export const rub = (amount: string) => money(amount, 'RUB');
/** The demo client, by phone. */
export const anna = { type: 'phone', value: '+79031234567' } as const;
/** The demo client’s id. */
export const annaId = '62ac00000000000000000001';

/** Plays plans against one simulator, as the gateway would, and records which exchanges were sent. */
export class Till {
  readonly sent: string[] = [];
  readonly before: Record<string, unknown> = {};
  /** A proxy sends each purchase twice, and passes on the second answer. */
  repeats = false;
  /** When an earlier attempt sent the purchase, if it may have had its effect. */
  firstSentAt: Date | undefined;
  /** What else moved the balance before a look, as the gateway knows it. */
  beside: WriteBeside | undefined;
  private readonly simulator;
  private readonly settings;

  constructor(options: LoyalClientOptions = {}, settings: Partial<LoyalClientSettings> = {}) {
    this.simulator = loyalclientSimulator.create(options);
    this.settings = Object.assign(new LoyalClientSettings(), { defaultPoint: 'shop-1' }, settings);
  }

  does<K extends OperationKind>(kind: K, ask: OperationAsks[K]): unknown {
    const { does } = loyalclient.operations[kind] as Supported<K>;
    return this.play(
      (does as Steps).run(ask, { settings: this.settings, now, firstSentAt: this.firstSentAt }),
      this.before,
    );
  }

  /** What a look shows so many milliseconds after the answer was lost. */
  judges(ask: PurchaseAsk, disturbed = this.beside !== undefined, lostForMs = 0): Verdict<PurchaseData> {
    const sentAt = new Date(now.getTime() - lostForMs);
    const times = { firstSentAt: sentAt, lastSentAt: sentAt, repeats: 0, tries: 2 };
    const known = { before: { ...this.before }, disturbed, beside: this.beside };
    return this.play(balanceDelta.run(ask, { settings: this.settings, now, ...known, ...times }));
  }

  /** Checks whether a hold of the demo client is still active. */
  probes(refs: Record<string, string>, points: string): HoldStanding {
    const ask = { hold: { refs, points }, customer: { clientId: annaId } };
    return this.play(probeHold.run(ask, { settings: this.settings, now }));
  }

  /** Books a purchase of another till and ignores the answer. */
  elsewhere(amount: number, spend: number, { client = annaId, point = 'shop-3' } = {}): void {
    this.simulator.handle({
      method: 'POST',
      path: `${sharedPath}/retail`,
      query: new URLSearchParams(),
      headers: { apikey: loyalclientSimulator.demo.credentials['apiKey']! },
      body: JSON.stringify({ client, point, amount, spend }),
      now,
    });
  }

  private play<T>(plan: PlanRun<T>, steps: Record<string, unknown> = {}): T {
    const { settings, simulator } = this;
    const stage: Stage = {
      adapter: loyalclient,
      factory: loyalclientSimulator,
      simulator,
      context: { settings: settings as never, now },
      sends: ({ name }) => this.sent.push(name),
      wire: (answer, request) =>
        this.repeats && request.path.endsWith('/retail') ? simulator.handle(request) : answer,
    };
    return play(stage, plan, steps);
  }
}

/** A purchase of 1,000 roubles by the demo client. */
export const purchase = (more: Partial<PurchaseAsk> & { redeemPoints?: string } = {}): PurchaseAsk => {
  const { redeemPoints, ...rest } = more;
  const receipt = { total: rub('1000.00'), ...(redeemPoints && { redeemPoints }) };
  return { subject: { identifier: anna }, merchantReference: 'order-1', receipt, holds: [], ...rest };
};

/** The code of the refusal, and the exchanges sent before it. */
export function refusedCode(till: Till, act: () => unknown): [string, ...string[]] {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return [error.code, ...till.sent];
  }
  throw new Error('It was not refused.');
}
