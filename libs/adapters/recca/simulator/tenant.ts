import type { ReccaOptions } from './options.js';
import type { Bonus, Lead, TenantSeed, User } from './seed.js';

// The shares of a referrer and their inviters in a sale, in hundredths of a percent.
const CASCADE = [1000, 500, 200];
const MINUTE = 60_000;

/** A registered sale. */
export interface Conversion {
  id: string;
  order: string;
  lead: Lead;
  bonuses: { user: User; kopecks: number; tier: number }[];
}

/** One tenant's ledger. */
export class Tenant {
  readonly users: User[];
  readonly leads: Lead[];
  readonly bonuses: Bonus[];
  readonly conversions: Conversion[] = [];
  readonly links = new Map<string, number>();
  // Leads whose sale does not show yet.
  private late: { lead: Lead; at: number }[] = [];
  private readonly start: Date;
  private readonly firstNumber: number;

  constructor(
    readonly seed: TenantSeed,
    private readonly options: ReccaOptions,
    begun: { start: Date; firstNumber: number },
  ) {
    this.start = begun.start;
    this.firstNumber = begun.firstNumber;
    this.users = seed.users.map(user => ({ ...user }));
    this.leads = seed.leads.map(lead => ({ ...lead }));
    this.bonuses = seed.bonuses.map(bonus => ({ ...bonus }));
  }

  byEmbedId = (id: string | undefined) => this.users.find(({ ub }) => ub === id);
  byFederationId = (id: string | undefined) => this.users.find(({ usr }) => usr === id);
  byExternalId = (id: string) => this.users.find(({ externalId }) => externalId === id);
  childrenOf = ({ ub }: User) => this.users.filter(({ parent }) => parent === ub);
  leadsOf = ({ ub }: User) =>
    this.leads.filter(({ referrer }) => referrer === ub).sort((a, b) => a.ago - b.ago);
  bonusesOf = ({ ub }: User) => this.bonuses.filter(({ user }) => user === ub).sort((a, b) => a.ago - b.ago);

  sum = (user: User, status: Bonus['status']): number =>
    this.bonusesOf(user).reduce(
      (total, bonus) => (bonus.status === status ? total + bonus.kopecks : total),
      0,
    );

  /** The creation time of a row. */
  moment = ({ ago }: { ago: number }): Date => new Date(this.start.getTime() - ago);

  addUser(known: Partial<User> & { externalId: string }): User {
    const number = this.firstNumber + this.users.length + 1;
    const added: User = {
      ub: `ub_${this.seed.slug}_${number}`,
      usr: `usr_01HXVB${this.seed.slug.toUpperCase()}${number}`,
      name: known.externalId,
      role: 'Участник программы',
      joinedAt: this.start.toISOString(),
      active: true,
      ...known,
    };
    this.users.push(added);
    return added;
  }

  addLead(referrer: User, name: string, now: Date): Lead {
    const number = this.firstNumber + this.leads.length + 1;
    const id = `lead_01HXVB${this.seed.slug.toUpperCase()}${number}`;
    const lead: Lead = {
      id,
      referrer: referrer.ub,
      name,
      status: 'new',
      ago: this.start.getTime() - now.getTime(),
    };
    this.leads.push(lead);
    return lead;
  }

  /** Registers a sale: the referrer and two inviters above get their share, rounded down to kopecks. */
  convert(lead: Lead, order: string, kopecks: number, now: Date): Conversion {
    this.late.push({ lead, at: now.getTime() + (this.options.leadLagMinutes ?? 0) * MINUTE });
    this.catchUp(now);
    const bonuses: Conversion['bonuses'] = [];
    let person = this.byEmbedId(lead.referrer);
    for (const [step, share] of CASCADE.entries()) {
      if (!person) break;
      bonuses.push({
        user: person,
        kopecks: Number((BigInt(kopecks) * BigInt(share)) / 10_000n),
        tier: step + 1,
      });
      person = this.byEmbedId(person.parent);
    }
    const ago = this.start.getTime() - now.getTime();
    for (const { user, kopecks: share, tier } of bonuses)
      this.bonuses.push({
        id: `bns_1${this.bonuses.length}`,
        user: user.ub,
        kopecks: share,
        tier,
        status: 'pending',
        ago,
      });
    const number = this.firstNumber + this.conversions.length + 1;
    const id = `cnv_01HXVB${String(number).padStart(4, '0')}`;
    const conversion = { id, order, lead, bonuses };
    this.conversions.push(conversion);
    return conversion;
  }

  /** Marks the leads whose sale shows by now. */
  catchUp(now: Date): void {
    for (const { lead, at } of this.late) if (at <= now.getTime()) lead.status = 'converted';
    this.late = this.late.filter(({ at }) => at > now.getTime());
  }

  /** The number of the link with these parameters, and whether it already existed. */
  link(parameters: string): { number: number; reused: boolean } {
    const known = this.links.get(parameters);
    const number = known ?? this.firstNumber + this.links.size + 1;
    this.links.set(parameters, number);
    return { number, reused: known !== undefined };
  }

  /** The tree below a person down to a depth; `capped` if there is more below it. */
  levels(root: User, depth: number): { levels: User[][]; capped: boolean; downline: number; shown: number } {
    const all: User[][] = [[root]];
    for (;;) {
      const next = all.at(-1)!.flatMap(this.childrenOf);
      if (next.length === 0) break;
      all.push(next);
    }
    const shown = Math.min(depth, this.options.depthCap ?? 3);
    return {
      levels: all.slice(0, shown + 1),
      capped: all.length > shown + 1,
      downline: all.slice(1).flat().length,
      shown,
    };
  }
}
