const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A payout method; `open` says whether it is available now. */
export interface Method {
  id: number;
  title: string;
  code: string;
  /** Percent, as a decimal text. */
  fee: string;
  /** Units of the payout currency per unit of the base currency. */
  rate: string;
  open: boolean;
  /** The format of its wallets. */
  wallet: RegExp;
}

/** The site's payout methods. */
export const methods: Method[] = [
  { id: 1, title: 'Perfect Money USD', code: 'PMUSD', fee: '0', rate: '1', open: true, wallet: /^U\d{6,9}$/ },
  {
    id: 2,
    title: 'Карта Visa/MasterCard RUB & МИР',
    code: 'CARDRUB',
    fee: '1.5',
    rate: '92.5',
    open: true,
    wallet: /^\d{16}$/,
  },
  {
    id: 3,
    title: 'Tether TRC20 USDT',
    code: 'USDTTRC20',
    fee: '0',
    rate: '0.998',
    open: true,
    wallet: /^T\w{33}$/,
  },
  { id: 4, title: 'Payeer USD', code: 'PRUSD', fee: '0', rate: '1', open: false, wallet: /^P\d{7,10}$/ },
];

/** One visit by the partner link; `ago` counts back from the simulator's first request. */
export interface Visit {
  id: number;
  ago: number;
  browser: string;
  ip: string;
  referrer: string;
  hash: string;
  query: string;
}

const browser = 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0';
const anna = { ip: '95.24.11.7', hash: '1r7', browser };
const boris = { ip: '178.66.31.90', hash: '9k2', browser };
const vera = { ip: '46.39.55.12', hash: 'zz4', browser };
const blog = 'https://blog.example.ru/obmen?page=1&ref=7';

/** Visits; the query of the third contains words that the site writes with look-alike letters. */
export const visits: Visit[] = [
  { id: 50211, ago: 2 * HOUR, ...anna, referrer: blog, query: 'cur_from=PMUSD&cur_to=BTC&rid=8' },
  {
    id: 50207,
    ago: 26 * HOUR,
    ...boris,
    referrer: 'https://forum.example.org/t/42',
    query: 'rid=8&utm_source=forum',
  },
  { id: 50190, ago: 3 * DAY, ...anna, referrer: '', query: 'rid=8&action=select&script=update' },
  { id: 50133, ago: 12 * DAY, ...vera, referrer: 'https://monitor.example.com/?a="b"', query: 'rid=8' },
];

/** One exchange of a visitor. Its reward may be accrued and taken back while the clock runs. */
export interface Deal {
  id: number;
  ago: number;
  give: [code: string, amount: string];
  get: [code: string, amount: string];
  reward: string;
  hash: string;
  ip: string;
  /** Milliseconds after the first request at which the reward is accrued and taken back; Infinity = never. */
  accruedFrom: number;
  accruedUntil: number;
  /** The engine's status before the success and after the end. */
  before: string;
  after: string;
}

const always = { accruedFrom: -Infinity, accruedUntil: Infinity, before: 'new', after: 'success' };
const never = { ...always, accruedFrom: Infinity };

/** Exchanges: 1901 is accrued after 10 minutes, 1898 is taken back after 15, 1890 was cancelled. */
export const deals: Deal[] = [
  {
    id: 1901,
    ago: 30 * MINUTE,
    give: ['PMUSD', '150'],
    get: ['BTC', '0.00213847'],
    reward: '0.45',
    hash: '1r7',
    ip: '95.24.11.7',
    ...always,
    accruedFrom: 10 * MINUTE,
    before: 'payed',
  },
  {
    id: 1898,
    ago: 5 * HOUR,
    give: ['SBERRUB', '25000'],
    get: ['USDTTRC20', '268.114203'],
    reward: '1.34',
    hash: '9k2',
    ip: '178.66.31.90',
    ...always,
    accruedUntil: 15 * MINUTE,
    after: 'returned',
  },
  {
    id: 1895,
    ago: 2 * DAY,
    give: ['CARDRUB', '96500.5'],
    get: ['BTC', '0.014'],
    reward: '12.0625',
    hash: 'zz4',
    ip: '46.39.55.12',
    ...always,
  },
  {
    id: 1890,
    ago: 4 * DAY,
    give: ['PMUSD', '40'],
    get: ['PRUSD', '38.8'],
    reward: '0.12',
    hash: '9k2',
    ip: '178.66.31.90',
    ...never,
    before: 'cancel',
  },
  {
    id: 1871,
    ago: 20 * DAY,
    give: ['BTC', '0.05'],
    get: ['SBERRUB', '312400'],
    reward: '8.5',
    hash: '1r7',
    ip: '95.24.11.7',
    ...always,
  },
];

/** An ordered payout and its status. */
export interface Ordered {
  id: number;
  /** Unix seconds of the site's local time. */
  time: number;
  methodId: number;
  account: string;
  payAmount: string;
  payCode: string;
  amount: string;
  status: 0 | 1 | 2 | 3;
}

/** Older payouts: one paid, one refused, one cancelled. */
export const payouts: (Omit<Ordered, 'time'> & { ago: number })[] = [
  {
    id: 311,
    ago: 9 * DAY,
    methodId: 1,
    account: 'U1234567',
    payAmount: '21.4',
    payCode: 'PMUSD',
    amount: '21.4',
    status: 1,
  },
  {
    id: 305,
    ago: 16 * DAY,
    methodId: 2,
    account: '2200700112345678',
    payAmount: '1822.25',
    payCode: 'CARDRUB',
    amount: '20',
    status: 2,
  },
  {
    id: 298,
    ago: 31 * DAY,
    methodId: 4,
    account: 'P10203040',
    payAmount: '15',
    payCode: 'PRUSD',
    amount: '15',
    status: 3,
  },
];
