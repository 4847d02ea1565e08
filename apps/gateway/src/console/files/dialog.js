import { button, h } from './dom.js';
import { t } from './texts.js';

/** A confirmation dialog with optional form `fields`. Returns the values of the form, or `undefined` if it was closed. */
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
  return new Promise(resolve => {
    let values;
    form.addEventListener('submit', () => (values = Object.fromEntries(new FormData(form))));
    dialog.addEventListener('close', () => resolve(values), { once: true });
  });
}
