// What the cashier's screen says. Refusals come from the gateway in the same language (`userMessage`).

const money = ({ amount, currency }) => `${amount} ${currency}`;
const tier = customer => (customer.tier?.name ? `, ${customer.tier.name}` : '');

// A sale that a person settled by hand has no sums.
const sums = (result, sentence) => (result ? sentence(result) : '');

// Not every provider tells every figure.
const known = (figure, words) => (figure === undefined ? '' : words(figure));

/** Sentences by language. */
export const texts = {
  ru: {
    title: provider => `\n— ${provider}`,
    customer: it => `Покупатель: ${it.displayName ?? 'без имени'}${tier(it)}, баллов: ${it.balancePoints}`,
    quote: it => `Можно списать до ${it.maxRedeemPoints}; к оплате ${money(it.payable)}`,
    held: it => `Забронировано баллов: ${it.points}, до ${it.expiresAt}`,
    sold: ({ resource: { result }, replayed }) =>
      `Продано${replayed ? ' (уже было проведено)' : ''}` +
      sums(
        result,
        it =>
          `: к оплате ${money(it.payable)}, списано ${it.redeemedPoints}` +
          known(it.earnedPoints, points => `, начислено ${points}`),
      ),
    refunded: it =>
      `Возврат на ${money(it.amount)}: вернуть деньгами ${money(it.returnedMoney ?? it.amount)}`,
    refused: problem => `Отказ: ${problem.userMessage} (${problem.code})`,
    unknown: (receipt, operation) =>
      `Неизвестно, прошла ли операция${operation ? ` ${operation.id}` : ''}. Не проводите продажу заново: ` +
      `повторите с --receipt ${receipt}`,
    broken: (error, url) => `Шлюз не отвечает по адресу ${url}: ${error.message}`,
    noKey: folder => `В ${folder} нет demo-key: сначала запустите npm start.`,
  },
  en: {
    title: provider => `\n— ${provider}`,
    customer: it => `Customer: ${it.displayName ?? 'no name'}${tier(it)}, points: ${it.balancePoints}`,
    quote: it => `Up to ${it.maxRedeemPoints} may be redeemed; to pay ${money(it.payable)}`,
    held: it => `Points held: ${it.points}, until ${it.expiresAt}`,
    sold: ({ resource: { result }, replayed }) =>
      `Sold${replayed ? ' (was booked before)' : ''}` +
      sums(
        result,
        it =>
          `: to pay ${money(it.payable)}, redeemed ${it.redeemedPoints}` +
          known(it.earnedPoints, points => `, earned ${points}`),
      ),
    refunded: it => `Refund of ${money(it.amount)}: give back ${money(it.returnedMoney ?? it.amount)}`,
    refused: problem => `Refused: ${problem.userMessage} (${problem.code})`,
    unknown: (receipt, operation) =>
      `Nobody knows yet whether it went through${operation ? ` (${operation.id})` : ''}. Do not sell it again: ` +
      `repeat with --receipt ${receipt}`,
    broken: (error, url) => `The gateway does not answer at ${url}: ${error.message}`,
    noKey: folder => `There is no demo-key in ${folder}: run npm start first.`,
  },
};
