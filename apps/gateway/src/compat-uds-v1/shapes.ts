import { ApiProperty } from '@nestjs/swagger';

const gone = {
  type: 'string',
  nullable: true,
  description: 'No longer provided: always null.',
  example: null,
} as const;
const text = (example: string) => ({ type: 'string', nullable: true, example }) as const;
const number = (example: number, description?: string) => ({ type: 'number', description, example }) as const;
const none0 = '0 = unknown.';

/** The company's rules in v1 format, in percent; also part of a purchase's answer. */
export class V1MarketingSettings {
  @ApiProperty(number(5, 'Rate of the level at which everyone starts.')) discountBase!: number;
  @ApiProperty(number(5, none0)) discountLevel1!: number;
  @ApiProperty(number(3, none0)) discountLevel2!: number;
  @ApiProperty(number(1, none0)) discountLevel3!: number;
  @ApiProperty(number(50, '100 = no limit, or none that the provider states in advance.'))
  maxScoresDiscount!: number;
}

/** `GET company`. */
export class V1Company {
  @ApiProperty(text('romashka')) promoCode!: string | null;
  @ApiProperty({ type: 'string', enum: ['CHARGE_SCORES', 'APPLY_DISCOUNT'], example: 'CHARGE_SCORES' })
  baseDiscountPolicy!: string;
  @ApiProperty({ type: 'string', example: 'RUB' }) currency!: string;
  @ApiProperty(number(549755813888)) id!: number;
  @ApiProperty({ type: 'boolean', example: true }) purchaseByPhone!: boolean;
  @ApiProperty({ type: V1MarketingSettings }) marketingSettings!: V1MarketingSettings;
  @ApiProperty(text('Кофейня «Ромашка»')) name!: string | null;
}

/** `GET customer`. */
export class V1Customer {
  @ApiProperty(text('Золото')) level!: string | null;
  @ApiProperty(number(10, none0)) discountRate!: number;
  @ApiProperty(number(928.5)) scores!: number;
  @ApiProperty(text('2025-01-15T09:30:00.000Z')) dateCreated!: string | null;
  @ApiProperty(number(1099576113739, 'The participantId; 0 = none.')) id!: number;
  @ApiProperty(gone) skype!: null;
  @ApiProperty({ type: 'boolean', description: 'No longer provided: always false.', example: false })
  vip!: boolean;
  @ApiProperty(text('Анна')) name!: string | null;
  @ApiProperty(text('1990-05-17')) birthday!: string | null;
  @ApiProperty(text('FEMALE')) gender!: string | null;
  @ApiProperty(gone) instagram!: null;
  @ApiProperty(text('4c7e1f1e-0f6d-4f0e-9b57-2a5f3f0c1a01')) uid!: string | null;
  @ApiProperty(text('1990-05-17')) birthDate!: string | null;
  @ApiProperty({ type: 'number', nullable: true, example: 1099576113739 }) participantId!: number | null;
  @ApiProperty(text('Смирнова')) surname!: string | null;
  @ApiProperty(text('anna@example.com')) email!: string | null;
  @ApiProperty(text('https://cdn.example.com/anna.png')) avatar!: string | null;
  @ApiProperty({ type: 'boolean', example: true }) participant!: boolean;
}

/** The cashier: the id as sent by the till, the name as the provider has it. */
export class V1Cashier {
  @ApiProperty(gone) email!: null;
  @ApiProperty(text('11112')) externalId!: string | null;
  @ApiProperty(text('Ольга')) name!: string | null;
}

/** The buyer: a number only, since purchases store no personal data. */
export class V1Buyer {
  @ApiProperty(number(1099576113739, 'The participantId; 0 = unknown.')) id!: number;
  @ApiProperty(gone) name!: null;
  @ApiProperty(gone) surname!: null;
}

/** A purchase, or its reversal: then `total` and `cash` are negative. */
export class V1Operation {
  @ApiProperty(number(11)) cash!: number;
  @ApiProperty({ type: V1Cashier }) cashier!: V1Cashier;
  @ApiProperty({ type: V1Buyer }) customer!: V1Buyer;
  @ApiProperty({ type: 'string', example: '2026-11-21T10:00:00.000Z' }) dateCreated!: string;
  @ApiProperty(number(803998923)) id!: number;
  @ApiProperty({ type: V1MarketingSettings }) marketingSettings!: V1MarketingSettings;
  @ApiProperty(number(1099576113739, '0 = unknown.')) participantId!: number;
  @ApiProperty(number(1.1, 'Points earned (positive) or redeemed (negative), both combined.'))
  scoresDelta!: number;
  @ApiProperty({
    type: 'number',
    nullable: true,
    description: 'Balance after the operation, if known.',
    example: null,
  })
  scoresNew!: number | null;
  @ApiProperty(number(11)) total!: number;
}

/** `POST purchase`. */
export class V1Purchase {
  @ApiProperty({ type: V1Operation }) operation!: V1Operation;
}

/** Any refusal. */
export class V1Refused {
  @ApiProperty({ type: 'string', example: 'insufficientFunds' }) errorCode!: string;
  @ApiProperty({ type: 'string', example: 'Недостаточно баллов.' }) message!: string;
  @ApiProperty({ type: 'array', required: false, items: { type: 'object' } }) errors?: object[];
}
