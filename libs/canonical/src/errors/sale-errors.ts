import { refusedWith } from './error-row.js';

/** Errors about amounts, tills, refunds and payouts, all of which a person can correct. */
export const saleErrors = refusedWith(422, {
  'amount-mismatch': {
    title: 'The amounts do not add up',
    detail:
      'The total, the points and the amount to pay do not match the programme’s rules. Request a quote and send its amounts.',
    userMessage: {
      ru: 'Суммы в чеке не сходятся с условиями программы. Пересчитайте чек и повторите.',
      en: 'The amounts on the receipt do not match the programme’s rules. Recalculate and try again.',
    },
  },
  'location-unknown': {
    title: 'Unknown point of sale',
    detail:
      'The provider does not know this `locationId`. Correct it, or set `defaultPoint` in the connection’s settings.',
    userMessage: {
      ru: 'Точка продаж не найдена в программе лояльности. Сообщите администратору.',
      en: 'This shop is not known to the loyalty programme. Please tell the administrator.',
    },
  },
  'cashier-unknown': {
    title: 'Unknown cashier',
    detail: 'The provider does not know `cashier.externalId`. Register the cashier there, or omit it.',
    userMessage: {
      ru: 'Кассир не найден в программе лояльности. Сообщите администратору.',
      en: 'The cashier is not known to the loyalty programme. Please tell the administrator.',
    },
  },
  'refund-exceeds-purchase': {
    title: 'More than is left to refund',
    detail:
      'The amount exceeds `refunds.refundable` of the purchase (refunds still in doubt count as refunded). Refund less, or omit `amount` to refund all that is left.',
    userMessage: {
      ru: 'Сумма возврата больше остатка по чеку. Уменьшите сумму возврата.',
      en: 'The refund is more than what is left of the receipt. Refund less.',
    },
  },
  'hold-duration-out-of-range': {
    title: 'The hold is too long or too short',
    detail:
      '`durationSeconds` must be between 60 and 1800, and no more than the programme’s `maxHoldSeconds`.',
    userMessage: {
      ru: 'Баллы нельзя забронировать на такой срок. Сообщите в поддержку кассы.',
      en: 'Points cannot be reserved for this length of time. Please tell the till’s support.',
    },
  },
  'payout-below-minimum': {
    title: 'Below the smallest payout',
    detail: 'The balance is below the provider’s smallest payout (the programme’s `minPayout`).',
    userMessage: {
      ru: 'Накопленная сумма меньше минимальной выплаты.',
      en: 'The balance is below the smallest payout.',
    },
  },
  'payout-method-unavailable': {
    title: 'Payout method unavailable',
    detail:
      'The provider does not currently pay out by this method. Choose another from `GET /v1/referral/payout-methods`.',
    userMessage: {
      ru: 'Этот способ выплаты сейчас недоступен. Выберите другой.',
      en: 'This payout method is not available now. Choose another.',
    },
  },
  'payout-balance-empty': {
    title: 'Nothing to pay out',
    detail: 'The balance at the provider is empty, or a payout that is still pending has already claimed it.',
    userMessage: {
      ru: 'Нет средств для выплаты.',
      en: 'There is nothing to pay out.',
    },
  },
  'provider-rejected': {
    title: 'The provider refused',
    detail: 'The provider refused this request for a reason of its own; see `provider`. Nothing was done.',
    userMessage: {
      // Also used for requests that were lost, for what only the provider can repair, and for refunds.
      ru: 'Программа лояльности не провела операцию. Повторите её; если снова не пройдёт, сообщите администратору. Покупку можно провести и без баллов.',
      en: 'The operation did not go through in the loyalty programme. Try again; if it fails again, tell the administrator. A sale can also go through without points.',
    },
  },
});
