// Every scene of the page: what it shows and, where the person can go on, what the button says.
export const tones = { completed: 'good', done: 'good', over: 'bad', unknown: 'bad', stranger: 'bad' };
export const marks = { good: '✓', bad: '!', plain: '→' };

export const texts = {
  en: {
    loading: { title: 'One moment …', text: 'Checking your link.' },
    open: {
      title: 'Your consent, please',
      text: '{provider} opens in its own window, where you decide whether this shop may create referral links on your behalf.',
      action: 'Continue to {provider}',
    },
    waiting: {
      title: 'Please answer in the window',
      text: '{provider} has opened in its own window.',
      action: 'Open the window again',
    },
    blocked: {
      title: 'The window was blocked',
      text: 'Your browser did not open it. Allow popups for this page and try again.',
      action: 'Try again',
    },
    closed: {
      title: 'The window was closed',
      text: 'We received no answer from {provider}, so no consent was saved.',
      action: 'Open the window again',
    },
    sending: { title: 'One moment …', text: 'Your answer is being saved.' },
    failed: {
      title: 'That did not work',
      text: 'We cannot be reached at the moment. Nothing is lost; please try again.',
      action: 'Try again',
    },
    done: { title: 'Thank you, you are all set', text: 'Your consent was saved. You can close this page.' },
    completed: {
      title: 'You have already given your consent',
      text: 'There is nothing more to do. You can close this page.',
    },
    over: {
      title: 'This link is no longer valid',
      text: 'It is valid for ten minutes and one answer. Ask the shop for a new one.',
    },
    unknown: {
      title: 'This link does not work',
      text: 'It may not have been copied completely. Ask the shop for a new one.',
    },
    stranger: {
      title: 'Someone else has answered',
      text: 'The account at {provider} belongs to someone other than the person this link was created for. Sign in there with your own account and ask the shop for a new link.',
    },
    safety: 'Your password stays with {provider}: neither we nor the shop can see it.',
  },
  ru: {
    loading: { title: 'Минутку…', text: 'Проверяем вашу ссылку.' },
    open: {
      title: 'Нужно ваше согласие',
      text: '{provider} откроется в отдельном окне. Там вы решите, может ли магазин создавать реферальные ссылки от вашего имени.',
      action: 'Перейти в {provider}',
    },
    waiting: {
      title: 'Ответьте в открывшемся окне',
      text: '{provider} открыт в отдельном окне.',
      action: 'Открыть окно ещё раз',
    },
    blocked: {
      title: 'Окно не открылось',
      text: 'Браузер его не пустил. Разрешите этой странице всплывающие окна и попробуйте ещё раз.',
      action: 'Попробовать ещё раз',
    },
    closed: {
      title: 'Окно закрыто',
      text: 'Ответ от {provider} не пришёл, поэтому согласие не сохранено.',
      action: 'Открыть окно ещё раз',
    },
    sending: { title: 'Минутку…', text: 'Сохраняем ваш ответ.' },
    failed: {
      title: 'Не получилось',
      text: 'Сейчас нет связи с нами. Ничего не потеряно: попробуйте ещё раз.',
      action: 'Попробовать ещё раз',
    },
    done: { title: 'Спасибо, всё готово', text: 'Ваше согласие сохранено. Эту страницу можно закрыть.' },
    completed: {
      title: 'Согласие уже получено',
      text: 'Больше ничего делать не нужно. Эту страницу можно закрыть.',
    },
    over: {
      title: 'Ссылка больше не действует',
      text: 'Она живёт десять минут и принимает один ответ. Попросите у магазина новую.',
    },
    unknown: {
      title: 'Ссылка не работает',
      text: 'Возможно, она скопирована не полностью. Попросите у магазина новую.',
    },
    stranger: {
      title: 'Ответил другой человек',
      text: 'Аккаунт в {provider} принадлежит не тому, для кого создана ссылка. Войдите там в свой аккаунт и попросите у магазина новую ссылку.',
    },
    safety: 'Пароль остаётся в {provider}: ни мы, ни магазин его не видим.',
  },
};
