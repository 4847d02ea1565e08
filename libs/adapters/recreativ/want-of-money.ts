import type { Refusal } from '#canonical';

const WANT = /недостаточ|не\s*хват|not\s+enough|insufficient|not\s+sufficient|no\s+less\s+than|не\s+меньше/i;
// A first copy that was done may also be named as what it is.
const DONE = /already|duplicate|уже|повтор/i;
const BALANCE = /balance|баланс|средств|funds|money|денег/i;
// Yii names the field in each of its sentences, also in those about its form.
const FORM = /(?<!\p{L})(number|integer|format|step|multiple|(цело|не)?числ|формат|шаг|(не)?кратн)/iu;
const NO_REASON =
  /^\P{L}*((data\s+)?validation\s+failed|unprocessable\s+(entity|content)|error|refused|ошибка|отказано)?\P{L}*$/iu;

/** Whether a debit may have been refused for want of money, or because a first copy of it was done: by its words, or for lack of words that give another reason. */
export function mayBeForWantOfMoney({ members: { errors = [], provider } }: Refusal): boolean {
  // What is told of the change itself, without whatever stands beside it in the answer.
  const words = errors.map(({ detail }) => detail).join(' ') || (provider?.message ?? '');
  if (NO_REASON.test(words) || WANT.test(words) || DONE.test(words)) return true;
  return BALANCE.test(words) && !FORM.test(words);
}
