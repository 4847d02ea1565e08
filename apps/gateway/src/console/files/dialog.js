import { button, h } from './dom.js';
import { t } from './texts.js';

/** Asks before something is done; `fields` are parts of a form. What was filled in, or `undefined` for no. */
export function confirm({ title, text, action, fields = [] }) {
  const dialog = document.getElementById('dialog');
  const form = h(
    'form',
    { method: 'dialog' },
    h('h2', { id: 'dialog-title' }, title),
    h('p', {}, text),
    ...fields,
    h(
      'div',
      { class: 'actions' },
      button(t('back'), () => dialog.close(), 'quiet'),
      h('button', { class: 'danger' }, action),
    ),
  );
  dialog.replaceChildren(form);
  dialog.showModal();
  return new Promise(done => {
    let said;
    form.addEventListener('submit', () => (said = Object.fromEntries(new FormData(form))));
    dialog.addEventListener('close', () => done(said), { once: true });
  });
}
