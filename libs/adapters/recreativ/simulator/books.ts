import { seedCampaigns, seedOffers, seedUsers } from './seed.js';
import type { Campaign, Offer, User } from './seed.js';
import { No } from './answers.js';

/** The ledger of one token's account: everything that calls can change. */
export class Books {
  readonly users: User[];
  readonly campaigns: Campaign[] = seedCampaigns();
  readonly offers: Offer[] = seedOffers();
  /** Multipliers by `{campaign}/{site key or device}`. */
  readonly coefficients = new Map<string, string>([
    ['111/2222s3333', '1.2'],
    ['111/2223s5555', '0.8'],
    ['111/mobile', '1.5'],
  ]);
  private lastUser: number;
  private lastOffer: number;

  constructor(referrals: number, firstNumber: number) {
    this.users = seedUsers(referrals);
    this.lastUser = 8000 + firstNumber;
    this.lastOffer = 3100 + firstNumber;
  }

  get me(): User {
    return this.users[0]!;
  }

  get referrals(): User[] {
    return this.users.filter(({ parentId }) => parentId === this.me.id);
  }

  referral(id: string): User {
    const found = this.users.find(user => String(user.id) === id);
    if (!found) throw new No(404, 'Object not found.');
    if (found.parentId !== this.me.id) throw new No(403, 'You are not allowed to perform this action.');
    return found;
  }

  campaign(id: string): Campaign {
    const found = this.campaigns.find(each => String(each.id) === id);
    if (!found) throw new No(404, `Object not found: ${id}`);
    if (found.owner !== this.me.id) throw new No(403, 'You are not allowed to perform this action.');
    return found;
  }

  offer(id: string): Offer {
    const found = this.offers.find(each => String(each.id) === id);
    if (!found) throw new No(404, `Object not found: ${id}`);
    this.campaign(String(found.campaignId));
    return found;
  }

  nextUser(): number {
    return ++this.lastUser;
  }

  nextOffer(): number {
    return ++this.lastOffer;
  }
}
