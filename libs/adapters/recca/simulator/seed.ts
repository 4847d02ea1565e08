const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** One person of a tenant, with two ids that must not be swapped. */
export interface User {
  /** `tenant_recca_id`, used by the embed API. */
  ub: string;
  /** `recca_user_id`, used by the federation API. */
  usr: string;
  externalId?: string;
  name: string;
  email?: string;
  /** The inviter's `ub_…`. */
  parent?: string;
  role: string;
  joinedAt: string;
  active: boolean;
}

/** A recommended person. */
export interface Lead {
  id: string;
  /** The referrer's `ub_…`. */
  referrer: string;
  name: string;
  status: 'new' | 'processed' | 'converted' | 'rejected';
  /** Before the simulator's first request; new ones are negative. */
  ago: number;
}

/** A bonus of a person. */
export interface Bonus {
  id: string;
  /** The person (`ub_…`). */
  user: string;
  kopecks: number;
  tier: number;
  status: 'cleared' | 'pending';
  ago: number;
}

/** A tenant and its initial ledger. */
export interface TenantSeed {
  slug: string;
  name: string;
  org: string;
  key: string;
  origins: string[];
  users: User[];
  leads: Lead[];
  bonuses: Bonus[];
}

const user = (ub: string, usr: string, name: string, more: Partial<User> = {}): User => ({
  ub,
  usr,
  name,
  role: 'Участник программы',
  joinedAt: '2025-03-14T09:30:00Z',
  active: true,
  ...more,
});

const IVAN = 'ub_GB_xyz';

/** The demo tenant: Ivan at the top, four levels below him, so that a depth of 3 is cut. */
const agp: TenantSeed = {
  slug: 'agp',
  name: 'AGP Promo',
  org: 'org_01HXVBAGP',
  key: 'rtk_live_demo',
  origins: ['https://partner-site.example.com'],
  users: [
    user(IVAN, 'usr_01HXVB0001', 'Иван Иванов', { externalId: 'mysite:vk:12345', email: 'ivan@example.ru' }),
    user('ub_GB_anna', 'usr_01HXVB0002', 'Анна Петрова', { parent: IVAN, role: 'Амбассадор' }),
    user('ub_GB_boris', 'usr_01HXVB0003', 'Борис Кузнецов', { parent: IVAN, active: false }),
    user('ub_GB_vera', 'usr_01HXVB0004', 'Вера Соколова', { parent: 'ub_GB_anna' }),
    user('ub_GB_gleb', 'usr_01HXVB0005', 'Глеб Орлов', { parent: 'ub_GB_vera' }),
    user('ub_GB_dina', 'usr_01HXVB0006', 'Дина Волкова', { parent: 'ub_GB_gleb' }),
  ],
  leads: [
    { id: 'lead_01HXVB0004', referrer: IVAN, name: 'Мария Лебедева', status: 'new', ago: 2 * HOUR },
    { id: 'lead_01HXVB0003', referrer: IVAN, name: 'Сергей Попов', status: 'processed', ago: 2 * DAY },
    { id: 'lead_01HXVB0002', referrer: IVAN, name: 'Ольга Новикова', status: 'converted', ago: 9 * DAY },
    { id: 'lead_01HXVB0001', referrer: IVAN, name: 'Пётр Морозов', status: 'rejected', ago: 30 * DAY },
    { id: 'lead_01HXVB0005', referrer: 'ub_GB_vera', name: 'Ирина Белова', status: 'new', ago: 5 * HOUR },
  ],
  bonuses: [
    { id: 'bns_0003', user: IVAN, kopecks: 280000, tier: 1, status: 'pending', ago: DAY },
    { id: 'bns_0002', user: IVAN, kopecks: 1000000, tier: 1, status: 'cleared', ago: 9 * DAY },
    { id: 'bns_0001', user: IVAN, kopecks: 280000, tier: 2, status: 'cleared', ago: 20 * DAY },
  ],
};

/** Another tenant: tokens and ids of one must not work at the other. */
const other: TenantSeed = {
  slug: 'other',
  name: 'Other Shop',
  org: 'org_01HXVBOTH',
  key: 'rtk_live_other',
  origins: ['https://other-shop.example.com'],
  users: [user('ub_OT_zoya', 'usr_01HXVB0901', 'Зоя Титова')],
  leads: [{ id: 'lead_01HXVB0901', referrer: 'ub_OT_zoya', name: 'Лев Комаров', status: 'new', ago: DAY }],
  bonuses: [],
};

/** The simulated tenants. */
export const tenants: TenantSeed[] = [agp, other];
