import { refusedWith } from './error-row.js';

/** Errors about the customer, their points, and other obstacles to a sale. */
export const customerErrors = {
  ...refusedWith(404, {
    'customer-not-found': {
      title: 'No such customer',
      detail:
        'The provider does not know this customer, or the one-time code has expired or was already used. Ask for a fresh code or another identifier.',
      userMessage: {
        ru: 'Клиент не найден, или код уже не действует. Попросите клиента назвать новый код или телефон.',
        en: 'Customer not found, or the code is no longer valid. Ask for a new code or the phone number.',
      },
    },
  }),
  ...refusedWith(409, {
    'duplicate-reference': {
      title: 'The merchant reference was used for something else',
      detail:
        'This `merchantReference` already belongs to a request with different content at this connection. Use a new reference for a new sale.',
      userMessage: {
        ru: 'Чек с таким номером уже отправлялся с другими данными. Проверьте, прошёл ли он, и номер чека.',
        en: 'A receipt with this number was already sent with other data. Check whether it went through, and the receipt’s number.',
      },
    },
    'state-conflict': {
      title: 'Not possible in the current state',
      detail: 'The state of the resource does not allow this. Read the resource again and act on its state.',
      userMessage: {
        ru: 'Сейчас это действие невозможно: операция в другом состоянии. Обновите данные и проверьте.',
        en: 'This is not possible now: the operation is in another state. Refresh and check.',
      },
    },
    'customer-operation-unresolved': {
      title: 'An earlier spend of this customer is unresolved',
      detail:
        'It is not yet known whether an earlier spend of this customer took place. Wait until the operation `operationId` is settled (or resolve it), or sell without redeeming points.',
      userMessage: {
        ru: 'Предыдущее списание баллов этого клиента ещё проверяется. Проведите покупку без списания или повторите позже.',
        en: 'An earlier use of this customer’s points is still being checked. Sell without points, or try again later.',
      },
    },
  }),
  ...refusedWith(410, {
    'hold-expired': {
      title: 'The hold has ended',
      detail: 'The hold has expired. Create a new hold, or buy without one.',
      userMessage: {
        ru: 'Время брони баллов истекло. Забронируйте баллы заново или проведите покупку без брони.',
        en: 'The reservation of points has expired. Reserve the points again, or sell without them.',
      },
    },
    'identity-token-expired': {
      title: 'The identity token has expired',
      detail: 'The `identityToken` is past its `expiresAt`. Look the customer up again and use the new one.',
      userMessage: {
        ru: 'Данные клиента устарели. Найдите клиента ещё раз: по коду или телефону.',
        en: 'The customer’s session has expired. Find the customer again by code or phone.',
      },
    },
  }),
  ...refusedWith(422, {
    'insufficient-points': {
      title: 'Not enough points',
      detail:
        'The customer has fewer points than `redeemPoints` (for a hold, `points`). Use fewer: `maxRedeemPoints`, if present, is the maximum; a quote returns it in advance.',
      userMessage: {
        ru: 'У клиента недостаточно баллов. Уменьшите сумму списания.',
        en: 'The customer does not have enough points. Redeem fewer.',
      },
    },
    'redeem-limit-exceeded': {
      title: 'More points than this receipt allows',
      detail:
        'The programme limits the part of a receipt that can be paid with points. `maxRedeemPoints`, if present, is the maximum for this receipt.',
      userMessage: {
        ru: 'Столько баллов на этот чек списать нельзя. Уменьшите сумму списания.',
        en: 'This receipt cannot be paid with so many points. Redeem fewer.',
      },
    },
    'redeem-requires-code': {
      title: 'Points can be redeemed only by code',
      detail:
        'This programme redeems points only with the one-time code from the customer’s app. Send `identifier.type` `code`, or redeem nothing.',
      userMessage: {
        ru: 'Для списания баллов нужен код из приложения клиента. Попросите клиента назвать код.',
        en: 'Redeeming needs the code from the customer’s app. Ask the customer for it.',
      },
    },
    'purchase-by-phone-disabled': {
      title: 'Sales by phone number are switched off',
      detail: 'The programme does not allow purchases by phone number. Identify the customer by code.',
      userMessage: {
        ru: 'Покупка по номеру телефона отключена. Попросите клиента назвать код из приложения.',
        en: 'Sales by phone number are switched off. Ask for the code from the customer’s app.',
      },
    },
    'customer-blocked': {
      title: 'The customer is blocked',
      detail: 'The provider has blocked this customer. Sell without the programme.',
      userMessage: {
        ru: 'Клиент заблокирован в программе лояльности. Проведите покупку без баллов.',
        en: 'The customer is blocked in the loyalty programme. Sell without points.',
      },
    },
  }),
};
