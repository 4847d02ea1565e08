import { Decimal } from 'decimal.js';
import type { PpOptions } from './options.js';
import { deals, methods, payouts, visits } from './seed.js';
import type { Deal, Method, Ordered } from './seed.js';

/** The base currency of the simulated site. */
export const BASE = 'USD';

/** Why a payout was not ordered. */
export type No = 'currency' | 'money' | 'wallet' | 'reserve';

/** One partner's ledger at the site: earned, paid and available amounts. */
export class Account {
  private readonly ordered: Ordered[];
  private nextPayout: number;

  constructor(
    private readonly options: PpOptions,
    /** The time of the first request: seeded rows are older. */
    private readonly start: Date,
    firstNumber: number,
  ) {
    this.nextPayout = 312 + firstNumber;
    this.ordered = payouts.map(({ ago, ...payout }) => ({ ...payout, time: this.wall(this.before(ago)) }));
  }

  /** Unix seconds of the site's clock: local time read as if it were UTC. */
  wall(moment: Date): number {
    return Math.floor(moment.getTime() / 1000) + (this.options.utcOffsetMinutes ?? 180) * 60;
  }

  get minPayout(): string {
    return this.options.minPayout ?? '5';
  }

  /** Earned and accrued, less ordered and paid; refused and cancelled payouts are returned. */
  balance(now: Date): Decimal {
    const earned = deals.filter(deal => this.accrued(deal, now)).map(({ reward }) => reward);
    const spent = this.ordered.filter(({ status }) => status < 2).map(({ amount }) => amount);
    return [...earned, this.options.earnedBefore ?? '40']
      .reduce((sum, amount) => sum.plus(amount), new Decimal(0))
      .minus(spent.reduce((sum, amount) => sum.plus(amount), new Decimal(0)));
  }

  accrued({ accruedFrom, accruedUntil }: Deal, now: Date): boolean {
    const running = now.getTime() - this.start.getTime();
    return running >= accruedFrom && running < accruedUntil;
  }

  /** The engine's status of an exchange, and the statuses before it. */
  words(deal: Deal, now: Date): string[] {
    const running = now.getTime() - this.start.getTime();
    if (running < deal.accruedFrom) return ['new', deal.before];
    return running < deal.accruedUntil
      ? ['new', 'payed', 'success']
      : ['new', 'payed', 'success', deal.after];
  }

  visits = () => visits.map(visit => ({ ...visit, time: this.wall(this.before(visit.ago)) }));
  deals = () => deals.map(deal => ({ ...deal, time: this.wall(this.before(deal.ago)) }));
  payouts = (): readonly Ordered[] => this.ordered;

  /** The amount of a payout by this method now. */
  receives({ rate, fee }: Method, now: Date): Decimal {
    const share = new Decimal(100).minus(fee).div(100);
    return Decimal.max(0, this.balance(now)).times(rate).times(share).toDecimalPlaces(12, Decimal.ROUND_DOWN);
  }

  /** Orders the whole balance; there is no amount to choose, and nothing is left for a second order. */
  order(methodId: number, account: string, now: Date): Ordered | No {
    const method = methods.find(({ id, open }) => id === methodId && open);
    if (!method) return 'currency';
    const amount = this.balance(now);
    if (amount.lte(0) || amount.lt(this.minPayout)) return 'money';
    if (!method.wallet.test(account)) return 'wallet';
    const pays = this.receives(method, now);
    if (pays.gt(this.options.reserve ?? '1000000')) return 'reserve';
    const payout: Ordered = {
      id: this.nextPayout++,
      time: this.wall(now),
      methodId,
      account,
      payAmount: pays.toFixed(),
      payCode: method.code,
      amount: amount.toFixed(),
      status: 0,
    };
    this.ordered.push(payout);
    return payout;
  }

  private before(ago: number): Date {
    return new Date(this.start.getTime() - ago);
  }
}
