import { language, t } from './texts.js';

// The notes of the gateway and its adapters, in English and in Russian; `…` stands for a variable part.
const sentences = {
  'Its time is over: if it was made, it has ended by itself, and nothing of it is held any more.':
    'Срок истёк: если удержание было создано, оно закончилось само, и баллы больше не удержаны.',
  'What was found is, or may be, the effect of another operation; it proves nothing for this one.':
    'Найденное относится или может относиться к другой операции и для этой ничего не доказывает.',
  'Another write of this customer left during the look.':
    'Во время проверки отправлена другая операция этого клиента.',
  'the look broke': 'проверка прервалась',
  'no-slot': 'в очереди не было места',
  throttled: 'провайдер просит обращаться реже',
  spend: 'идёт другое списание этого клиента',
  serial: 'идёт такой же вызов',
  late: 'процесс не успел начать вовремя',
  'another spend of this customer runs': 'идёт другое списание этого клиента',
  'status …': 'провайдер ответил кодом …',
  'an HTML page with status …': 'провайдер ответил страницей HTML с кодом …',
  'The host name could not be resolved.': 'Имя узла не удалось разрешить.',
  'The connection was refused.': 'В соединении отказано.',
  'No connection could be made….': 'Соединиться не удалось….',
  'No connection stood within … ms.': 'За … мс соединения не было.',
  'The connection was closed before an answer came.': 'Соединение закрыто до ответа.',
  'The answer is not valid HTTP.': 'Ответ не разобрать как HTTP.',
  'No whole answer came within … ms.': 'За … мс полного ответа не было.',
  'The answer broke off.': 'Ответ оборвался.',
  'The answer cannot be decompressed.': 'Ответ не распаковать.',
  '`undocumentedCalls` is off: the ledger of UDS cannot be read.':
    '`undocumentedCalls` выключено: журнал операций UDS прочитать нельзя.',
  'The ledger cannot be read: …': 'Журнал операций не читается: …',
  'An operation fits, but was written before ours was sent.':
    'Одна операция подходит, но записана раньше, чем отправлена наша.',
  'The operation is there, but UDS does not tell its figures.': 'Операция есть, но UDS не сообщает её суммы.',
  'Several operations bear this receipt number and total.':
    'Этот номер чека и эта сумма есть у нескольких операций.',
  'It may be the effect of another purchase with this receipt number and total, whose answer was lost as well.':
    'Это может быть другая покупка с тем же номером чека и суммой, ответ на которую тоже потерян.',
  'UDS answered the repeat with an operation of other figures, which no look can find.':
    'На повтор UDS ответила операцией с другими суммами, которую проверкой не найти.',
  'More operations since than can be read.': 'Операций с тех пор больше, чем можно прочитать.',
  'An operation may be this one: its receipt number and total do not contradict, or its number is ours and only the total another, and its customer is not another.':
    'Одна из операций может быть этой: её номер чека и сумма не противоречат или номер наш, а отличается только сумма, и клиент не другой.',
  'The repeat was not answered.': 'На повтор ответа нет.',
  'The campaign had offers before, and none is listed now.':
    'Раньше у кампании были объявления, теперь в списке нет ни одного.',
  'Several reversals of this purchase are new.': 'Новых возвратов этой покупки несколько.',
  'The purchase is cancelled, its reversal is not in sight.': 'Покупка отменена, но её возврата не видно.',
  'A new reversal of this purchase has another amount.': 'У нового возврата этой покупки другая сумма.',
  'A new reversal has this amount, but does not say of what.':
    'Новый возврат на эту сумму есть, но не сказано, какой покупки.',
  'A reversal fits, but was written before ours was sent.':
    'Один возврат подходит, но записан раньше, чем отправлен наш.',
  'LoyalClient cannot be asked for a hold; if it was made, it ends by itself after its duration.':
    'LoyalClient не сообщает об удержаниях; если оно создано, оно закончится само по истечении срока.',
  'The balance before the purchase is not known.': 'Баланс до покупки неизвестен.',
  'Another purchase, hold or release of this client may have moved the balance meanwhile.':
    'Баланс могла изменить другая покупка этого клиента, удержание или его снятие.',
  'A discount moves no balance, so nothing shows whether it was booked.':
    'Скидка не меняет баланс, поэтому по нему не видно, проведена ли покупка.',
  'LoyalClient does not tell the balance now.': 'LoyalClient сейчас не сообщает баланс.',
  'LoyalClient refused the look: ….': 'LoyalClient отказал в проверке: ….',
  'The purchase earns nothing, so no balance shows it.':
    'За покупку ничего не начисляется, поэтому по балансу её не видно.',
  'No balance is to be seen.': 'Баланса не видно.',
  'The balance went from … to …, which this purchase alone does not explain.':
    'Баланс изменился с … на …, и одной этой покупкой это не объяснить.',
  'Nobody noted which leads there were before.': 'Какие лиды были раньше, не записано.',
  'There are new leads, and none that is surely this one.':
    'Есть новые лиды, но ни один из них не является этим наверняка.',
  'The referrer has more leads than one page shows.':
    'У пригласившего больше лидов, чем помещается на странице.',
  'Nobody knows whose lead this is.': 'Неизвестно, чей это лид.',
  'The lead had been converted before, so that its state tells nothing.':
    'Лид был конвертирован раньше, поэтому его состояние ни о чём не говорит.',
  'There are too many converted leads to look through, or one that cannot be read.':
    'Конвертированных лидов слишком много, чтобы их просмотреть, или один из них не разобрать.',
  'Nobody noted which offers there were before.': 'Какие предложения были раньше, не записано.',
  'More than one new offer fits.': 'Подходит больше одного нового предложения.',
  'A new offer has nearly this address and text.': 'У нового предложения почти такие же адрес и текст.',
  'The balance before the change is not known.': 'Баланс до изменения неизвестен.',
  'Recreativ does not tell the balance now.': 'Recreativ сейчас не сообщает баланс.',
  'The balance went from … to …, which this change alone does not explain.':
    'Баланс изменился с … на …, и одним этим изменением это не объяснить.',
  'Nobody noted which accounts there were before.': 'Какие учётные записи были раньше, не записано.',
  'More than one new account fits.': 'Подходит больше одной новой учётной записи.',
  'A new account has this login or this address, not both.':
    'У новой учётной записи совпадает или логин, или адрес, но не оба.',
  'More than one new payout fits.': 'Подходит больше одной новой выплаты.',
  'Nobody noted which payouts there were before.': 'Какие выплаты были раньше, не записано.',
  'There is a new payout by this method to an account written otherwise.':
    'Есть новая выплата этим способом на счёт, записанный иначе.',
  'The balance is gone; no payout is listed.': 'Баланс списан, но выплаты в списке нет.',
  'The request got lost: the provider has no trace of it. Nothing was executed; send it again with a new Idempotency-Key (the merchantReference is free).':
    'Запрос потерялся: у провайдера нет его следов. Ничего не исполнено; отправьте ещё раз с новым Idempotency-Key (номер продавца свободен).',
  'A person found that it was not executed: …': 'По решению человека не исполнена: …',
  'The connection was deleted before the request was sent; nothing was executed.':
    'Подключение удалено до отправки запроса; ничего не исполнено.',
  'Another spend of this customer (…) has an unknown outcome; settle it first: GET …. Nothing was sent.':
    'Исход другого списания этого клиента (…) неизвестен; сначала решите его: GET …. Ничего не отправлено.',
  'Another spend of this customer is still running; nothing was sent. Try again in a moment.':
    'Другое списание этого клиента ещё идёт; ничего не отправлено. Повторите чуть позже.',
  'This call needs the scope ….': 'Для этого вызова ключу нужно право ….',
};

const escaped = text => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const forms = Object.entries(sentences).map(([english, russian]) => [
  new RegExp(`^${english.split('…').map(escaped).join('(.*)')}$`, 's'),
  russian,
]);

/** A note in Russian; `undefined` if it is not known here. */
export function inRussian(note) {
  for (const [form, russian] of forms) {
    const values = form.exec(note)?.slice(1);
    if (values) return russian.replaceAll('…', () => values.shift());
  }
  return undefined;
}

/** A problem in the language of the page: its summary, and its detail. In Russian the summary is the message for the cashier, and the detail is translated if it is known here. */
export function explained({ title, detail, userMessage }) {
  const russian = language() === 'ru';
  const summary = (russian && userMessage) || title;
  const more = russian && detail ? (inRussian(detail) ?? detail) : detail;
  return more && more !== summary ? [summary, more] : [summary];
}

const words = {
  attempt: n => t('attempt', { n }),
  probe: n => t('probe', { n }),
  verdict: word => t(word),
  outcome: word => `${t('outcome')}: ${t(word)}`,
  evidence: word => `${t('evidence')}: ${t(`evidence-${word}`)}`,
  note: text => (language() === 'ru' ? (inRussian(text) ?? text) : text),
};

/** A line of the timeline in the language of the page. The API gives it as `note: …, probe: 1, verdict: …`. */
export function timelineNote(line) {
  const [before, ...parts] = line.split(/(?:^|, )(attempt|probe|verdict|outcome|evidence|note): /);
  if (before !== '') return line;
  const known = new Map();
  for (let at = 0; at < parts.length; at += 2) known.set(parts[at], parts[at + 1]);
  return Object.keys(words)
    .filter(name => known.has(name))
    .map(name => words[name](known.get(name)))
    .join(' · ');
}
