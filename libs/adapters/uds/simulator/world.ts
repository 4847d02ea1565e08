import { Decimal } from 'decimal.js';
import type { UdsSimulatorOptions } from './options.js';

/** A membership tier as UDS sends it. */
export interface TierSeed {
  uid: string;
  name: string;
  rate: number;
  maxScoresDiscount: number | null;
  conditions: object;
}

/** A person in the company’s ledger. */
export interface SimCustomer {
  /** `null` = uses the app, but did not join this company. */
  id: number | null;
  uid: string | null;
  phone: string | null;
  displayName: string;
  email: string | null;
  gender: string | null;
  birthDate: string | null;
  tier: TierSeed;
  points: Decimal;
  inviterId: number | null;
  joinedAt: string | null;
  lastTransactionTime: string | null;
  blocked: boolean;
  operations: number;
}

/** A purchase or its reversal; amounts of a reversal are negative. */
export interface SimOperation {
  id: number;
  dateCreated: string;
  state: 'NORMAL' | 'CANCELED' | 'REVERSAL';
  customer: SimCustomer;
  total: Decimal;
  cash: Decimal;
  redeemed: Decimal;
  earned: Decimal;
  receiptNumber: string | null;
  cashier: string | null;
  origin: number | null;
}

/** A code and its customer; a code of the app is invalid after its first successful use. */
export interface SimCode {
  customer: SimCustomer;
  reusable: boolean;
  /** When it expires; absent = not within a demo. */
  until?: Date;
}

/** The company's whole ledger. */
export interface World {
  options: UdsSimulatorOptions;
  customers: SimCustomer[];
  codes: Map<string, SimCode>;
  operations: SimOperation[];
  nonces: Map<string, SimOperation>;
  nextCustomerId: number;
  nextOperationId: number;
  answers: number;
}

const tier = (uid: string, name: string, rate: number, max: number | null, spent: number): TierSeed => ({
  uid,
  name,
  rate,
  maxScoresDiscount: max,
  conditions: { totalCashSpent: spent > 0 ? { target: spent } : null, effectiveInvitedCount: null },
});

/** The company’s tiers; new customers start in the base tier. */
export const tiers = {
  base: tier('base', 'Новичок', 5, 50, 0),
  silver: tier('2f1c7d0a-silver', 'Серебро', 7, 50, 20_000),
  gold: tier('2f1c7d0b-gold', 'Золото', 10, 70, 100_000),
};

const FIRST_CUSTOMER = 1_099_576_113_739;

const person = (order: number, seed: Partial<SimCustomer> & { displayName: string }): SimCustomer => ({
  id: FIRST_CUSTOMER + order,
  uid: `4c7e1f1e-0f6d-4f0e-9b57-2a5f3f0c1a0${order + 1}`,
  phone: `+7999000000${order + 1}`,
  email: null,
  gender: 'NOT_SPECIFIED',
  birthDate: null,
  tier: tiers.base,
  points: new Decimal(0),
  inviterId: null,
  joinedAt: `2025-0${order + 1}-15T09:30:00.000Z`,
  lastTransactionTime: null,
  blocked: false,
  operations: 0,
  ...seed,
});

const seedCustomers = (): SimCustomer[] => [
  person(0, {
    displayName: 'Анна Смирнова',
    email: 'anna@example.com',
    gender: 'FEMALE',
    birthDate: '1990-05-17',
    tier: tiers.gold,
    points: new Decimal('928.50'),
    lastTransactionTime: '2026-01-10T18:05:00.000Z',
  }),
  person(1, {
    displayName: 'Борис Ильин',
    gender: 'MALE',
    points: new Decimal('150.5'),
    inviterId: FIRST_CUSTOMER,
  }),
  person(2, { displayName: 'Виктория Ким', phone: '+998901234567', gender: 'FEMALE', tier: tiers.silver }),
  person(3, { displayName: '+79990000004', uid: null, gender: null }),
  person(4, { displayName: 'Григорий Лапин', points: new Decimal(300), blocked: true }),
  person(5, { displayName: 'Дарья Новикова', id: null, joinedAt: null }),
  person(6, { displayName: 'Егор Титов', tier: tiers.gold, points: new Decimal(1_000_000) }),
];

// Text, as the app shows them: a leading zero belongs to the code.
const seedCodes = (customers: SimCustomer[]): World['codes'] => {
  const of = (order: number, reusable: boolean): SimCode => ({ customer: customers[order]!, reusable });
  return new Map([
    ['123456', of(0, true)],
    // The data in the examples of the OpenAPI document.
    ['012345', of(0, true)],
    ['000123', of(1, true)],
    ['654321', of(2, true)],
    ['555555', of(4, true)],
    ['777777', of(5, true)],
    ['700007', of(6, true)],
    ...['111111', '111112', '111113'].map(code => [code, of(0, false)] as const),
    ...['000001', '000002', '000003'].map(code => [code, of(1, false)] as const),
  ]);
};

/** The ledger at the start of every run. */
export function newWorld(options: UdsSimulatorOptions, firstNumber = 0): World {
  const customers = seedCustomers();
  return {
    options,
    customers,
    codes: seedCodes(customers),
    operations: [],
    nonces: new Map(),
    nextCustomerId: FIRST_CUSTOMER + 1_000 + firstNumber,
    nextOperationId: 803_998_923 + firstNumber,
    answers: 0,
  };
}
