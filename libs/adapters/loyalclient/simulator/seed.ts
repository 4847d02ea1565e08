import { demo } from '#canonical';

/** A client of the program: a level, and points if the level gives points. */
export interface Client {
  id: string;
  name: string;
  photo: string | null;
  birthday: string | null;
  level: {
    id: string;
    title: string;
    percent: number;
    type: 'cashback' | 'discount';
    maxSpendPercent: number;
  };
  /** Digits with country code, as LoyalClient writes them; null for a client with a card only. */
  phone: number | null;
  email: string | null;
  balance: number;
  card: string | null;
  /** The code of the client's app; a text, since it may begin with a zero. It never expires, so that a demo always works. */
  code: string | null;
}

/** A point of sale; `percent` = its own offer, so the percent of an operation may differ from the level's. */
export interface Point {
  id: string;
  title: string;
  percent?: number;
}

/** The key of the demo connection. */
export const demoKey = 'demo-loyalclient-key';

/** The shop "Пекарня у дома": its counter, a stand with an offer of its own, and a second counter. */
export const points: readonly Point[] = [
  { id: demo.locationId, title: 'Пекарня у дома, Ленина 5' },
  { id: 'shop-2', title: 'Пекарня у дома, рынок: акция 20 %', percent: 20 },
  { id: 'shop-3', title: 'Пекарня у дома, вокзал' },
];

const levels = {
  bonuses: {
    id: '621c00000000000000000001',
    title: 'Бонусы',
    percent: 10,
    type: 'cashback',
    maxSpendPercent: 100,
  },
  start: {
    id: '621c00000000000000000002',
    title: 'Старт',
    percent: 3,
    type: 'cashback',
    maxSpendPercent: 30,
  },
  discount: {
    id: '621c00000000000000000003',
    title: 'Скидка',
    percent: 7,
    type: 'discount',
    maxSpendPercent: 0,
  },
} as const;

const blank = { photo: null, birthday: null, phone: null, email: null, card: null, code: null };

const known: readonly Client[] = [
  {
    id: '62ac00000000000000000001',
    name: demo.displayName,
    photo: 'https://cdn.example/clients/anna.jpeg',
    birthday: '2021-03-29',
    level: levels.bonuses,
    phone: Number(demo.phone),
    email: demo.email,
    balance: 878,
    card: demo.card,
    code: demo.code,
  },
  {
    ...blank,
    id: '62ac00000000000000000002',
    name: 'МАРИЯ',
    level: levels.start,
    phone: 79200000002,
    balance: 1250.5,
    card: '2000000000024',
    code: '007007',
  },
  {
    ...blank,
    id: '62ac00000000000000000003',
    name: 'ОЛЕГ',
    birthday: '1980-01-00',
    level: levels.discount,
    phone: 79200000003,
    balance: 0,
    code: '700700',
  },
  {
    ...blank,
    id: '62ac00000000000000000004',
    name: '',
    level: levels.start,
    balance: 0,
    card: '0000000000048',
  },
];

/** The clients of a fresh simulator, copied. */
export const clients = (): Client[] => known.map(client => ({ ...client }));
