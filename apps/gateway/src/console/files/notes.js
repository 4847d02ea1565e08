import { language, t } from './texts.js';

// The notes of the gateway and its adapters, in English and in Russian; `…` stands for a variable part.
const sentences = {
  'Its time is up: if the hold was created, it has expired by itself, and no points are held any longer.':
    'Срок истёк: если удержание было создано, оно закончилось само, и баллы больше не удержаны.',
  'What was found belongs, or may belong, to another operation, so it proves nothing about this one.':
    'Найденное относится или может относиться к другой операции, поэтому об этой ничего не говорит.',
  'Another write for this customer was sent during the look-up.':
    'Во время проверки была отправлена другая операция этого клиента.',
  'The look-up failed with an internal error.': 'Проверка прервана внутренней ошибкой.',
  'The stored credentials of … cannot be decrypted: they were altered, moved, or encrypted with another key. Nothing was sent. Set them again with POST …':
    'Сохранённые учётные данные подключения … не расшифровываются: они изменены, перенесены или зашифрованы другим ключом. Ничего не отправлено. Задайте их заново: POST …',
  'The stored credentials of the connection cannot be decrypted, so nothing was asked.':
    'Сохранённые учётные данные подключения расшифровать не удалось, поэтому запрос не отправлен.',
  'no-slot': 'в очереди не было места',
  throttled: 'провайдер просит обращаться реже',
  spend: 'идёт другое списание этого клиента',
  serial: 'уже идёт такой же вызов',
  late: 'запрос не успел уйти вовремя',
  'another spend of this customer is in progress': 'идёт другое списание этого клиента',
  'waits for operation … to end first': 'ждёт, пока закончится операция …',
  'waits for another spend of this customer: …': 'ждёт другое списание этого клиента: …',
  'its process ended': 'выполнявший её процесс завершился',
  'its time was over before an answer came': 'её срок истёк раньше, чем пришёл ответ',
  'its connection was deleted': 'её подключение удалено',
  'a "no" came after a lost answer': 'после потерянного ответа пришёл отказ',
  'no turn for a step after the write (…)': 'следующий шаг после отправки операции не дождался очереди (…)',
  'answered with the effect of another operation': 'провайдер ответил результатом другой операции',
  'internal error': 'внутренняя ошибка',
  'what tells whether it was executed was not read before it was sent':
    'то, по чему видно, исполнена ли операция, до её отправки прочитать не удалось',
  'another write of this customer may have moved the balance':
    'баланс могла изменить другая операция этого клиента',
  'status …': 'провайдер ответил кодом …',
  'an HTML page with status …': 'провайдер ответил страницей HTML с кодом …',
  'unreadable answer (…)': 'ответ прочитать не удалось (…)',
  'The host name could not be resolved.': 'Имя узла не удалось разрешить.',
  'The connection was refused.': 'В соединении отказано.',
  'No connection could be made….': 'Соединение установить не удалось….',
  'No connection was established within … ms.': 'Соединение не установлено за … мс.',
  'The connection was closed before an answer came.': 'Соединение закрыто до ответа.',
  'The answer is not valid HTTP.': 'Ответ не соответствует HTTP.',
  'No complete answer arrived within … ms.': 'Полный ответ не получен за … мс.',
  'The answer broke off.': 'Ответ оборвался.',
  'The answer is larger than … bytes.': 'Ответ больше … байт.',
  'The answer is compressed in a way that was not asked for.': 'Ответ сжат способом, который не запрашивали.',
  'The answer cannot be decompressed.': 'Ответ не удалось распаковать.',
  '`undocumentedCalls` is off, so the UDS ledger cannot be read.':
    'Настройка `undocumentedCalls` выключена, поэтому журнал операций UDS недоступен.',
  'UDS has no list of operations here, so it may not know the nonce either: the purchase was not repeated.':
    'Списка операций UDS здесь не даёт, поэтому и nonce может не знать: покупка повторно не отправлена.',
  'The ledger could not be read: …': 'Журнал операций прочитать не удалось: …',
  'A matching operation was found, but it was recorded before ours was sent.':
    'Подходящая операция найдена, но она записана раньше, чем отправлена наша.',
  'A matching operation was found, but its time does not show whether it was recorded before ours was sent.':
    'Подходящая операция найдена, но по её времени не видно, записана ли она раньше, чем отправлена наша.',
  'The operation was found, but UDS did not return its amounts.':
    'Операция найдена, но UDS не сообщает её суммы.',
  'Several operations have this receipt number and total.':
    'Операций с этим номером чека и суммой несколько.',
  'The operation found may belong to another purchase with this receipt number and total, whose answer was also lost.':
    'Найденная операция может относиться к другой покупке с тем же номером чека и той же суммой, ответ на которую тоже потерян.',
  'An operation has this receipt number and total, but nothing shows that its customer is ours: it may be another sale.':
    'Есть операция с этим номером чека и суммой, но не видно, наш ли это клиент: возможно, это другая продажа.',
  'An operation has this receipt number and total, but its points or cash differ from the ones sent: it may be another sale.':
    'Есть операция с этим номером чека и суммой, но её баллы или деньги отличаются от отправленных: возможно, это другая продажа.',
  'UDS answered the repeated request with an operation that has different amounts, and the ledger does not show the one that was sent.':
    'На повторный запрос UDS вернул операцию с другими суммами, а отправленной в журнале нет.',
  'Not all operations since then could be read.': 'Прочитать удалось не все операции с тех пор.',
  'An operation may be this one: nothing in its customer, receipt number and total rules it out, or only the total differs.':
    'Одна из операций может быть этой: её клиент, номер чека и сумма этому не противоречат или отличается только сумма.',
  'The repeated request got no answer.': 'На повторный запрос ответа не было.',
  'The campaign had offers before, but none are listed now.':
    'Раньше у кампании были объявления, теперь в списке нет ни одного.',
  'There are several new reversals of this purchase.': 'Новых возвратов по этой покупке несколько.',
  'The purchase is cancelled, but its reversal was not found.':
    'Покупка отменена, но возврат по ней не найден.',
  'There is a new reversal of this purchase, but its amount differs.':
    'Есть новый возврат по этой покупке, но на другую сумму.',
  'There is a new reversal of this amount, but it does not name its purchase.':
    'Есть новый возврат на эту сумму, но по какой покупке, не указано.',
  'A matching reversal was found, but it was recorded before ours was sent.':
    'Подходящий возврат найден, но он записан раньше, чем отправлен наш.',
  'A matching reversal was found, but its time does not show whether it was recorded before ours was sent.':
    'Подходящий возврат найден, но по его времени не видно, записан ли он раньше, чем отправлен наш.',
  'UDS answered 429, and its ledger may not be read':
    'UDS ответил 429, а читать его список операций не разрешено',
  'UDS answered 429, but there may be a new reversal of this purchase':
    'UDS ответил 429, но, возможно, есть новый возврат по этой покупке',
  'UDS answered 429, and not all operations since then could be read':
    'UDS ответил 429, а прочитать удалось не все операции с тех пор',
  'LoyalClient has no call that shows a hold; if this one was created, it expires by itself.':
    'Запросить удержание у LoyalClient нельзя; если оно создано, оно закончится само.',
  'The balance before the purchase is not known.': 'Баланс до покупки неизвестен.',
  'Another purchase, hold or release for this client may have changed the balance in the meantime.':
    'За это время баланс могла изменить другая покупка этого клиента, удержание или его снятие.',
  'A discount does not change the balance, so the balance does not show whether the purchase was booked.':
    'Скидка не меняет баланс, поэтому по нему не видно, проведена ли покупка.',
  'Recca answered 429, but the lead may have been converted by this sale':
    'Recca ответила 429, но лид, возможно, уже продан этой самой продажей',
  'PP answered 429, and the balance before the order is not known':
    'PP ответил 429, а какой баланс был до заказа, неизвестно',
  'Recca answered 429, but the referrer has a new lead of this name':
    'Recca ответила 429, но у пригласившего есть новый лид с таким именем',
  'Recca refused the lead, but the referrer has a new one of this name':
    'Recca отказалась принять лид, но у пригласившего появился новый с таким именем',
  'Recca answers with a conflict: the lead may be submitted already':
    'Recca отвечает конфликтом: возможно, лид уже передан',
  'Recca refused the sale, but its lead has become converted':
    'Recca отказала в продаже, но её лид с тех пор конвертирован',
  'LoyalClient answered 429, and does not show the balance':
    'LoyalClient ответил 429, а баланс не показывает',
  'LoyalClient answered 429, but the balance is not what it was':
    'LoyalClient ответил 429, но баланс уже не тот, что был',
  'LoyalClient refused this, but the balance is what it would have left':
    'LoyalClient отказал, но баланс такой, каким он был бы без отказа',
  'Recca answers with a conflict: the sale may be registered already':
    'Recca отвечает конфликтом: возможно, продажа уже зарегистрирована',
  'UDS refused the purchase, but its ledger has it': 'UDS отказал в покупке, но в его журнале она есть',
  'UDS refused the refund, but there may be a new reversal of this purchase':
    'UDS отказал в возврате, но, возможно, появилась новая отмена этой покупки',
  'UDS answers …: the refund may be booked already': 'UDS отвечает …: возможно, возврат уже проведён',
  'UDS answers …: the receipt may be booked already': 'UDS отвечает …: возможно, чек уже проведён',
  'LoyalClient did not return the balance.': 'LoyalClient не сообщил баланс.',
  'LoyalClient refused the look-up: ….': 'LoyalClient отказал в проверке: ….',
  'The purchase earns no points, so the balance does not show it.':
    'За покупку баллы не начисляются, поэтому по балансу её не видно.',
  'The balance was 0 before and after, perhaps because LoyalClient does not show it for this level.':
    'Баланс до и после равен 0: возможно, LoyalClient не показывает его на этом уровне.',
  'The balance went from … to …, which this purchase alone does not explain.':
    'Баланс изменился с … на …, и одной этой покупкой это не объяснить.',
  'The leads that existed before were not recorded.': 'Какие лиды были раньше, не записано.',
  'There are new leads, but none of them is certainly this one.':
    'Есть новые лиды, но ни про один нельзя точно сказать, что он этот.',
  'Recca answered with a conflict: it may know this order, and the lead does not show whether it is this sale.':
    'Recca ответила конфликтом: возможно, этот заказ ей уже известен, а по лиду не видно, та ли это продажа.',
  'The referrer has more leads than one page shows.':
    'У пригласившего больше лидов, чем помещается на странице.',
  'It is not known whose lead this is.': 'Неизвестно, чей это лид.',
  'The lead had already been converted, so its state proves nothing.':
    'Лид был конвертирован ещё раньше, поэтому его состояние ничего не доказывает.',
  'There are too many converted leads to check, or one of them could not be read.':
    'Конвертированных лидов слишком много, чтобы проверить все, или один из них прочитать не удалось.',
  'The offers that existed before were not recorded.': 'Какие объявления были раньше, не записано.',
  'More than one new offer matches.': 'Подходит несколько новых объявлений.',
  'A new offer has almost the same address or text.': 'У нового объявления почти такой же адрес или текст.',
  'The balance before the change is not known.': 'Баланс до изменения неизвестен.',
  'Recreativ answered with the balance from before the change':
    'Recreativ ответил балансом, который был до изменения',
  'Recreativ answered with a balance that was changed twice':
    'Recreativ ответил балансом, который изменён дважды',
  'Recreativ refused the change, but the balance shows it':
    'Recreativ отказал в изменении, но по балансу оно видно',
  'Recreativ refused the change, although there was enough money':
    'Recreativ отказал в изменении, хотя денег хватало',
  'Recreativ refused a login or an address that no account had before':
    'Recreativ отказал из-за логина или адреса, которых раньше не было ни у одной учётной записи',
  'Recreativ answered 429, and the balance does not show that nothing was changed':
    'Recreativ ответил 429, и по балансу не видно, что ничего не изменено',
  'Recreativ answered 429, and its offers do not show that none was created':
    'Recreativ ответил 429, и по списку объявлений не видно, что новое не создано',
  'The list of accounts may be cut off.': 'Список учётных записей может быть обрезан.',
  'The list of offers may be cut off.': 'Список объявлений может быть обрезан.',
  'Recreativ answered without a proof, and does not show the change':
    'Recreativ ответил без подтверждения, и изменения не видно',
  'Recreativ does not show what was to be changed.': 'Recreativ не показывает то, что нужно было изменить.',
  'Recreativ answered with the number of an older offer': 'Recreativ ответил номером прежнего объявления',
  'Recreativ answered with the number of an older account':
    'Recreativ ответил номером прежней учётной записи',
  'Fewer accounts are listed now than before.': 'В списке стало меньше учётных записей, чем было.',
  'A new account is listed without a login and an e-mail address.':
    'В списке есть новая учётная запись без логина и адреса почты.',
  'Recreativ did not return the balance.': 'Recreativ не сообщил баланс.',
  'The balance went from … to …, which this change alone does not explain.':
    'Баланс изменился с … на …, и одним этим изменением это не объяснить.',
  'The accounts that existed before were not recorded.': 'Какие учётные записи были раньше, не записано.',
  'More than one new account matches.': 'Подходит несколько новых учётных записей.',
  'A new account has this login or this e-mail address, but not both.':
    'У новой учётной записи совпадает только логин или только адрес почты.',
  'More than one new payout matches.': 'Подходит несколько новых выплат.',
  'The payouts that existed before were not recorded.': 'Какие выплаты были раньше, не записано.',
  'There is a new payout that may be this one, but its account is written differently, or its time is not known.':
    'Есть новая выплата, которая может быть этой, но счёт в ней записан иначе или её время неизвестно.',
  'PP did not return the balance.': 'PP не сообщил баланс.',
  'PP answered with the number of an older payout': 'PP ответил номером прежней выплаты',
  'PP …, but there is a new payout that may be this one':
    'PP …, но появилась новая выплата, которая может быть этой',
  'PP …, and then refused to list the payouts': 'PP …, а потом не показал список выплат',
  'PP … and lists no new payout, but the balance is not what it was':
    'PP …, новой выплаты в списке нет, но баланс не тот, что был',
  'refused the order': 'отказал',
  'answered 429': 'ответил 429',
  'PP refused the order for want of money, but then shows enough of it':
    'PP отказал из-за нехватки денег, но потом показал, что их достаточно',
  'The balance is less than before, but no payout is listed.':
    'Баланс меньше прежнего, но выплаты в списке нет.',
  'The new payout has the number of another one, and the balance is not what it was.':
    'У новой выплаты номер другой выплаты, а баланс не тот, что был.',
  'The request was lost: the provider has no record of it. Nothing was executed; send it again with a new Idempotency-Key (the same merchantReference can be used).':
    'Запрос потерян: у провайдера нет его следов. Ничего не исполнено; отправьте его ещё раз с новым Idempotency-Key (номер чека или заказа можно оставить прежним).',
  'A person settled it; who and why is in the audit log.':
    'Исход указал человек; кто и почему — в журнале аудита.',
  'A person found that it was not executed: …': 'По решению человека не исполнена: …',
  'The connection was deleted before the request was sent; nothing was executed.':
    'Подключение удалено до отправки запроса; ничего не исполнено.',
  'An earlier spend of this customer (…) has an unknown outcome, which must be resolved first: GET …. Nothing was sent; a new attempt needs a new Idempotency-Key.':
    'Исход предыдущего списания этого клиента (…) неизвестен, сначала нужно его выяснить: GET …. Ничего не отправлено; для новой попытки нужен новый Idempotency-Key.',
  'Another spend of this customer (…) is still running; try again in a moment. Nothing was sent; a new attempt needs a new Idempotency-Key.':
    'Другое списание этого клиента (…) ещё идёт; повторите чуть позже. Ничего не отправлено; для новой попытки нужен новый Idempotency-Key.',
  'An earlier spend of this customer (…) was put off by the provider and is to be sent again; try again in a moment. Nothing was sent; a new attempt needs a new Idempotency-Key.':
    'Предыдущее списание этого клиента (…) провайдер отложил, оно будет отправлено ещё раз; повторите чуть позже. Ничего не отправлено; для новой попытки нужен новый Idempotency-Key.',
  'Another spend of this customer took the time of this one; try again now. Nothing was sent; a new attempt needs a new Idempotency-Key.':
    'Время этой операции ушло на другое списание этого клиента; можно повторить. Ничего не отправлено; для новой попытки нужен новый Idempotency-Key.',
  '… gave no usable answer: …': '… не дал пригодного ответа: …',
  'This call needs the scope ….': 'Для этого вызова ключу нужно право ….',
  'There is no operation ….': 'Операции … нет.',
  'The operation is …: it has not been sent; `POST …` withdraws it.':
    'Операция ещё не отправлена; её можно отменить.',
  'The operation is …: its answer may still come; resolve it once it is unknown.':
    'Операция отправляется, ответ ещё может прийти; решать вручную можно, когда её исход станет неизвестен.',
  'The operation is …: its outcome is already ….': 'Исход операции уже известен.',
  'The operation is …: it is being reconciled at this moment; try again.':
    'Операция как раз проверяется. Повторите через несколько секунд.',
  'The operation is …: only an unknown outcome can be reconciled.':
    'Проверить можно только операцию с неизвестным исходом.',
  'The operation is …: it was sent, its answer was lost, and it is to be sent again; `POST …` settles it.':
    'Операция отправлена, ответ потерян, и она будет отправлена ещё раз; её можно решить вручную.',
  'The operation is …: only an operation that has not been sent yet can be cancelled.':
    'Отменить можно только операцию, которая ещё не отправлена.',
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
    if (values) return russian.replaceAll('…', () => translated(values.shift()));
  }
  return undefined;
}

const translated = value => inRussian(value) ?? value;

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

/** A line of the timeline in the language of the page. */
export const timelineNote = line =>
  Object.keys(words)
    .filter(name => line[name] !== undefined)
    .map(name => words[name](line[name]))
    .join(' · ');
