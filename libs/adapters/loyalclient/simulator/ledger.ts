import { Decimal } from 'decimal.js';
import { Complaint } from './dialect.js';
import type { LoyalClientDialect } from './dialect.js';
import { clients, points } from './seed.js';
import type { Client, Point } from './seed.js';

/** Held points; removed from the list as soon as the hold ends. */
export interface Hold {
  id: string;
  clientId: string;
  pointId: string;
  amount: number;
  /** UNIX seconds. */
  until: number;
}

/** A booked purchase; its number is internal and never sent. */
export interface Booked {
  number: number;
  clientId: string;
  pointId: string;
  amount: number;
  total: number;
  percent: number;
  type: 'cashback' | 'discount';
  spend: number;
  earn: number;
  endedHolds: string[];
}

/** The client, the point of sale and the named holds of an operation. */
export interface Till {
  client: Client;
  point: Point;
  named: string[];
}

/** The merchant's ledger at LoyalClient: clients, holds, purchases, and their rules. */
export class Ledger {
  readonly clients = clients();
  readonly booked: Booked[] = [];
  holds: Hold[] = [];

  constructor(
    private readonly dialect: LoyalClientDialect,
    private lastHold: number,
  ) {}

  /** Expired holds end by themselves. */
  passTo(now: Date): void {
    this.holds = this.holds.filter(({ until }) => until * 1000 > now.getTime());
  }

  find(search: string): Client {
    const found = this.clients.find(
      client => client.code === search || client.card === search || this.hasPhone(client, search),
    );
    if (!found) throw new Complaint('client', 'Client not found.');
    return found;
  }

  client(id: string): Client {
    const found = this.clients.find(client => client.id === id);
    if (!found) throw new Complaint('client', 'Client not found.');
    return found;
  }

  point(id: string): Point {
    const found = points.find(point => point.id === id);
    if (!found) throw new Complaint('point', 'Point not found.');
    return found;
  }

  /** The free balance: without held points, except those of the named holds. */
  available({ client, named }: Pick<Till, 'client' | 'named'>): number {
    const held = this.holds.filter(({ id, clientId }) => clientId === client.id && !named.includes(id));
    return held.reduce((left, { amount }) => minus(left, amount), client.balance);
  }

  /** An amount as the ledger stores it. */
  sum(field: string, value: number): number {
    if (this.dialect.fractions === 'refuse' && !Number.isInteger(value))
      throw new Complaint(field, 'Only whole amounts are accepted.');
    return new Decimal(value).toDecimalPlaces(this.places, Decimal.ROUND_HALF_UP).toNumber();
  }

  /** The result of an operation, before it is booked. */
  recalc(till: Till, amount: number) {
    const { level } = till.client;
    const percent = till.point.percent ?? level.percent;
    const discount = level.type === 'discount';
    const share = this.share(amount, level.maxSpendPercent);
    const spend = discount ? 0 : Math.max(0, Math.min(share, this.available(till)));
    const earn = discount ? 0 : this.share(amount, percent);
    return { amount, percent, type: level.type, spend: this.down(spend), earn };
  }

  hold(till: Till, amount: number, minutes: number, now: Date): Hold {
    const most = this.down(this.available(till));
    if (amount > most) throw new Complaint('amount', `Amount can't be more ${most}`);
    this.lastHold += 1;
    const seconds = Math.min(minutes, this.dialect.maxHoldMinutes) * 60;
    const hold = {
      id: `6744${this.lastHold.toString(16).padStart(20, '0')}`,
      clientId: till.client.id,
      pointId: till.point.id,
      amount,
      until: Math.floor(now.getTime() / 1000) + seconds,
    };
    this.holds.push(hold);
    return hold;
  }

  /** Returns whether there was such a hold. */
  release(id: string): boolean {
    const before = this.holds.length;
    this.holds = this.holds.filter(hold => hold.id !== id);
    return this.holds.length < before;
  }

  /** Books a purchase: with `spend`, points are redeemed and none are earned. */
  retail(till: Till, amount: number, spend: number): Booked {
    const { client, point } = till;
    const could = this.recalc(till, amount);
    if (spend > could.spend) throw new Complaint('spend', `Spend can't be more ${could.spend}`);
    const earn = spend > 0 ? 0 : could.earn;
    const off = could.type === 'discount' ? this.share(amount, could.percent, Decimal.ROUND_HALF_UP) : spend;
    client.balance = new Decimal(client.balance).minus(spend).plus(earn).toNumber();
    const entry = {
      number: this.booked.length + 1,
      clientId: client.id,
      pointId: point.id,
      amount,
      total: minus(amount, off),
      percent: could.percent,
      type: could.type,
      spend,
      earn,
      endedHolds: this.endHolds(till),
    };
    this.booked.push(entry);
    return entry;
  }

  private endHolds({ client, point, named }: Till): string[] {
    const { holdRelease } = this.dialect;
    const ends = ({ id, pointId, clientId }: Hold) =>
      named.includes(id) ||
      (holdRelease === 'point' && pointId === point.id) ||
      (holdRelease === 'client' && clientId === client.id);
    const ended = this.holds.filter(ends).map(({ id }) => id);
    this.holds = this.holds.filter(({ id }) => !ended.includes(id));
    return ended;
  }

  private hasPhone({ phone }: Client, search: string): boolean {
    if (phone === null) return false;
    const forms = {
      digits: [`${phone}`],
      plus: [`+${phone}`],
      any: [`${phone}`, `+${phone}`, `8${`${phone}`.slice(1)}`],
    };
    return forms[this.dialect.phoneSearch].includes(search);
  }

  private get places(): number {
    return this.dialect.fractions === 'decimal' ? 2 : 0;
  }

  private down(value: number): number {
    return new Decimal(value).toDecimalPlaces(this.places, Decimal.ROUND_FLOOR).toNumber();
  }

  // Points are never rounded up; a discount is rounded half up.
  private share(amount: number, percent: number, rounding: Decimal.Rounding = Decimal.ROUND_FLOOR): number {
    return new Decimal(amount)
      .times(percent)
      .dividedBy(100)
      .toDecimalPlaces(this.places, rounding)
      .toNumber();
  }
}

const minus = (from: number, part: number): number => new Decimal(from).minus(part).toNumber();
