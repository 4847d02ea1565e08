import { demo } from '#canonical';

/** The demo token; every token with this prefix has its own ledger. */
export const TOKEN = 'demo-recreativ-token';

/** An account as Recreativ shows it. */
export interface User {
  id: number;
  username: string;
  email: string;
  type: 'publisher' | 'advertiser';
  url: string | null;
  date: string;
  maxmoney: string;
  whatsapp: string | null;
  telegram: string | null;
  skype: string | null;
  phone: string | null;
  /** Decimal text. */
  balance: string;
  parentId: number | null;
}

const person = (id: number, username: string, more: Partial<User>): User => ({
  id,
  username,
  email: `${username}@example.com`,
  type: 'advertiser',
  url: null,
  date: '2025-03-01',
  maxmoney: '0.0000',
  whatsapp: null,
  telegram: null,
  skype: null,
  phone: null,
  balance: '0',
  parentId: OWNER,
  ...more,
});

/** The account that the token belongs to. */
export const OWNER = 5001;
/** A referral of another account: 403. */
export const STRANGER = 7777;

/** The account, its referrals, and one referral of another account. */
export function seedUsers(extra: number): User[] {
  const others = Array.from({ length: extra }, (_, index) => {
    const date = `2025-${String(4 + (index % 8)).padStart(2, '0')}-${String(1 + (index % 28)).padStart(2, '0')}`;
    return person(6005 + index, `klient-${index + 5}`, { date, balance: String(index * 10) });
  });
  return [
    person(OWNER, 'agency', { type: 'publisher', balance: '15400.25', parentId: null, date: '2023-01-10' }),
    person(6001, 'anna', {
      email: demo.email,
      phone: demo.phone,
      url: 'https://coffee.example.ru',
      maxmoney: '25.0000',
      telegram: 'anna_coffee',
      balance: '1250.5',
    }),
    person(6002, 'boris', { url: 'https://shiny.example.ru', balance: '340', phone: '8 (495) 123-45-67' }),
    person(6003, 'vera', { balance: '-12.35', skype: 'vera.flowers' }),
    person(6004, 'gleb', { type: 'publisher', balance: '0.0000', url: 'https://blog.example.ru' }),
    ...others,
    person(STRANGER, 'stranger', { parentId: 4000 }),
  ];
}

/** A campaign; `archived` and `owner` are not sent. */
export interface Campaign {
  id: number;
  owner: number;
  title: string;
  active: 0 | 1;
  maxclicks: number;
  maxmoney: string;
  isRetarget: 0 | 1;
  category_id: number;
  status: number;
  archived: boolean;
  /** The country: Thailand allows longer texts. */
  geo: 'RU' | 'TH';
}

/** Campaigns of the account, and two of its referral 6001. */
export const seedCampaigns = (): Campaign[] => [
  { ...usual, id: 111, title: 'Кофе с собой' },
  { ...usual, id: 222, title: 'Десерты', maxclicks: 1000, maxmoney: '25.0000' },
  { ...usual, id: 333, title: 'Вернись за чашкой', isRetarget: 1, active: 0 },
  { ...usual, id: 444, title: 'Новый год 2025', active: 0, archived: true },
  { ...usual, id: 555, title: 'กาแฟเย็น', geo: 'TH' },
  { ...usual, id: 601, owner: 6001, title: 'Зёрна оптом' },
  { ...usual, id: 602, owner: 6001, title: 'Кофемашины', active: 0 },
];

const usual = {
  owner: OWNER,
  active: 1,
  maxclicks: 0,
  maxmoney: '0.0000',
  isRetarget: 0,
  category_id: 12,
  status: 1,
  archived: false,
  geo: 'RU',
} as const;

/** An offer; `stavka` is stored in ten-thousandths. */
export interface Offer {
  id: number;
  campaignId: number;
  title: string;
  opis: string;
  cost: string;
  url: string;
  bid: number;
  active: 0 | 1;
  pictures: string[];
}

/** Offers of the campaigns above. */
export const seedOffers = (): Offer[] =>
  [
    [3001, 111, 'Капучино', 'Третья чашка в подарок', 30000],
    [3002, 111, 'Раф', 'С солёной карамелью', 27500],
    [3003, 222, 'Чизкейк', 'Свежий каждое утро', 25000],
    [3004, 333, 'Ваша чашка ждёт', 'Скидка до вечера', 41250],
    [3005, 601, 'Бразилия Сантос', 'Килограмм зёрен', 50000],
  ].map(([id, campaignId, title, opis, bid]) => ({
    id: id as number,
    campaignId: campaignId as number,
    title: title as string,
    opis: opis as string,
    cost: 'от 190 руб.',
    url: `https://coffee.example.ru/${id}`,
    bid: bid as number,
    active: 1,
    pictures: ['rectangle'],
  }));

/** Sites of the account as a webmaster; `status` and counts are sent as text. */
export const sites = [
  { id: 2222, status: '1', url: 'https://news.example.ru', category_id: '3', monthly_uniq_users: '120000' },
  { id: 2223, status: '0', url: 'https://food.example.ru', category_id: '4', monthly_uniq_users: '8000' },
];

/** The blocks of the sites. */
export const blocks = [
  { id: 3333, bn: 'rcnt3333', title: 'Под статьёй', siteid: '2222' },
  { id: 4444, bn: 'rcnt4444', title: 'Сбоку', siteid: '2222' },
  { id: 5555, bn: 'rcnt5555', title: 'В рецепте', siteid: '2223' },
];

/** Categories of sites, and of campaigns; those with a parent are subcategories. */
export const categories = {
  webmaster: [
    { id: 3, parent_id: 0, title: 'Новости' },
    { id: 4, parent_id: 0, title: 'Кулинария' },
  ],
  advertiser: [
    { id: 12, parent_id: 0, title: 'Еда и напитки' },
    { id: 13, parent_id: 0, title: 'Техника' },
  ],
  sub: [
    { id: 121, parent_id: 12, title: 'Кофе' },
    { id: 122, parent_id: 12, title: 'Выпечка' },
  ],
};

/** The payouts of the account. */
export const payments = [
  { date: '2025-12-05', wallet: 'WMZ Z123456789012', amount: 1500, status: 'Ожидает' },
  { date: '2025-11-05', wallet: 'Карта 2200700112345678', amount: 3200.5, status: 'Выплачено' },
  { date: '2025-10-05', wallet: 'WebMoney', amount: 900, status: 'Отклонено' },
];
