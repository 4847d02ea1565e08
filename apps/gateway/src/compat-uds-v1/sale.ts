import { PurchaseCreate, Refusal, exact, readBody } from '#canonical';
import type { Identifier } from '#canonical';
import { decimalIn, fault, identifierIn } from './given.js';
import type { Given } from './given.js';

/** A purchase as a till states it; sums are plain decimal texts in the company's currency. */
export interface Sale {
  identifier: Identifier;
  total: string;
  points: string;
  /** The amount that the till is about to take, if sent. */
  cash?: string;
  invoiceNumber?: string;
  cashierExternalId?: string;
}

/** Reads a purchase; throws 400 with the parameter's name. */
export function readSale(given: Given): Sale {
  const total = decimalIn(given, 'total');
  if (total === undefined) throw fault('total', 'Expected the total of the receipt.');
  return {
    identifier: identifierIn(given),
    total,
    points: decimalIn(given, 'scores') ?? '0',
    cash: decimalIn(given, 'cash'),
    invoiceNumber: given['invoiceNumber'],
    cashierExternalId: given['cashierExternalId'],
  };
}

/** The body for `POST /v1/purchases`, checked by the same validator. */
export function purchaseBody(sale: Sale, merchantReference: string, currency: string): PurchaseCreate {
  const { identifier, total, points, cash, invoiceNumber, cashierExternalId } = sale;
  if (cash !== undefined && exact(cash).greaterThan(total))
    throw new Refusal('amount-mismatch', { detail: 'The cash cannot be more than the total.' });
  return readBody(PurchaseCreate, {
    identifier,
    merchantReference,
    receipt: {
      total: { amount: total, currency },
      redeemPoints: points,
      ...(invoiceNumber !== undefined && { number: invoiceNumber }),
      ...(cash !== undefined && { expectedPayable: { amount: cash, currency } }),
    },
    ...(cashierExternalId !== undefined && { cashier: { externalId: cashierExternalId } }),
  });
}
