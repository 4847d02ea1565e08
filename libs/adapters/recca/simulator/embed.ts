import type { SimulatedAnswer } from '#adapter-kit/testing';
import { formatted, no, nowhere, relative } from './answers.js';
import type { ReccaOptions } from './options.js';
import type { Bonus, Lead, User } from './seed.js';
import type { Tenant } from './tenant.js';

/** The input of a read of the embed API. */
export interface Read {
  tenant: Tenant;
  user: User;
  query: URLSearchParams;
  now: Date;
  options: ReccaOptions;
}

const humanStatus = { new: 'Новый', processed: 'В работе', converted: 'Успешный', rejected: 'Отклонён' };

const reads: Record<string, (read: Read) => object> = {
  cabinet,
  bonuses,
  leads,
  'referral-tree': tree,
  partners,
};

/** Answers one read; the origin has already been checked. */
export function readEmbed(what: string, id: string, read: Omit<Read, 'user'>): SimulatedAnswer {
  const answer = Object.hasOwn(reads, what) ? reads[what] : undefined;
  if (!answer) return nowhere;
  const user = read.tenant.byEmbedId(id);
  if (!user) return no(404, 'user_not_found', 'Пользователь не найден');
  return { status: 200, body: { ...headOf(user, read.tenant), ...answer({ ...read, user }) } };
}

const headOf = ({ ub, name, role }: User, { seed }: Tenant) => ({
  user: { id_surrogate: ub, display_name: name, badge: { role_label: role }, claim_required: false },
  tenant: { slug: seed.slug, display_name: seed.name },
});

function totalsOf({ tenant, user }: Read) {
  const cleared = tenant.sum(user, 'cleared');
  const pending = tenant.sum(user, 'pending');
  return {
    cleared_kopecks: cleared,
    pending_kopecks: pending,
    cleared_formatted: formatted(cleared),
    pending_formatted: formatted(pending),
  };
}

function cabinet(read: Read): object {
  const { tenant, user } = read;
  return {
    kpi: { leads_count: tenant.leadsOf(user).length, ...totalsOf(read) },
    recent_leads: tenant
      .leadsOf(user)
      .slice(0, 5)
      .map(lead => leadRow(lead, read)),
    transactions: tenant
      .bonusesOf(user)
      .slice(0, 5)
      .map(bonus => bonusRow(bonus, read)),
  };
}

function bonuses(read: Read): object {
  const { rows, pagination } = paged(read.tenant.bonusesOf(read.user), read, 10);
  return {
    totals: { ...totalsOf(read), currency: 'RUB' },
    accounts: [{ id: 'acc_main', currency: 'RUB', balance_kopecks: read.tenant.sum(read.user, 'cleared') }],
    transactions: rows.map(bonus => bonusRow(bonus, read)),
    pagination,
  };
}

function leads(read: Read): object {
  const status = read.query.get('status') ?? 'all';
  const found = read.tenant.leadsOf(read.user).filter(lead => status === 'all' || lead.status === status);
  const { rows, pagination } = paged(found, read, 10);
  return { leads: rows.map(lead => leadRow(lead, read)), filters: { status }, pagination };
}

function tree({ tenant, user, query }: Read): object {
  const depth = Number(query.get('max_depth') ?? 3);
  const { levels, capped, downline, shown } = tenant.levels(user, depth);
  const nodes = levels.map((level, at) =>
    level.map(({ ub, name, parent }) => ({
      user_id: ub,
      display_name: name,
      depth: at,
      parent_user_id: at === 0 ? null : parent,
    })),
  );
  return {
    root: nodes[0]![0],
    levels: nodes,
    total_downline: downline,
    hit_depth_cap: capped,
    max_depth: shown,
  };
}

function partners(read: Read): object {
  const { rows, pagination } = paged(read.tenant.childrenOf(read.user), read, 20);
  return {
    partners: rows.map(({ ub, name, role, joinedAt, active }) => ({
      user_id: ub,
      display_name: name,
      partnership_role: role,
      joined_at: joinedAt,
      is_active: active,
    })),
    pagination,
  };
}

function leadRow(lead: Lead, { tenant, now, options }: Read): object {
  const [first, last] = lead.name.split(' ');
  return {
    id: lead.id,
    status: lead.status,
    status_human: humanStatus[lead.status],
    contact_name: options.shortNames && last ? `${first} ${last[0]}.` : lead.name,
    relative_time: relative(tenant.moment(lead), now),
  };
}

function bonusRow(bonus: Bonus, { tenant, now }: Read): object {
  return {
    id: bonus.id,
    type: 'bonus',
    status: bonus.status,
    amount_kopecks: bonus.kopecks,
    amount_formatted: formatted(bonus.kopecks),
    description: `Бонус уровня ${bonus.tier}`,
    created_at: tenant.moment(bonus).toISOString(),
    relative_time: relative(tenant.moment(bonus), now),
  };
}

function paged<T>(rows: T[], { query, options }: Read, usual: number) {
  const size = Math.min(Number(query.get('page_size') ?? usual) || usual, options.largestPage ?? 100);
  const page = Math.max(1, Number(query.get('page') ?? 1) || 1);
  const pagination = {
    page,
    page_size: size,
    total: rows.length,
    total_pages: Math.ceil(rows.length / size),
  };
  return { rows: rows.slice((page - 1) * size, page * size), pagination };
}
