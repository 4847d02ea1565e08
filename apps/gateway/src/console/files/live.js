import { h } from './dom.js';

export const pause = (ms, signal) =>
  new Promise(done => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), done()));
  });

/** A view that is loaded again every few seconds while the page is visible. */
export function polled(load, everyMs = 3000) {
  return async function* (context) {
    while (!context.signal.aborted) {
      if (!document.hidden) yield await load(context).catch(error => failure(error, context.signal));
      await pause(everyMs, context.signal);
    }
  };
}

export function failure(error, signal) {
  if (signal.aborted || error.status === 401) throw error;
  return h('p', { class: 'problem', role: 'alert' }, error.message);
}

/** Replaces a view by a newer version of it; open details, what is being typed and the focus stay as they were. */
export function swap(main, next) {
  const before = main.firstElementChild;
  const opened = [...(before?.querySelectorAll('details') ?? [])].map(({ open }) => open);
  next.querySelectorAll('details').forEach((details, index) => (details.open = opened[index] ?? false));
  if (before?.isEqualNode(next)) return;
  const typed = [...(before?.querySelectorAll('input') ?? [])].map(({ value }) => value);
  next.querySelectorAll('input').forEach((input, index) => (input.value = typed[index] ?? input.value));
  const focusable = 'a, button, input, select, summary';
  const focused = before ? [...before.querySelectorAll(focusable)].indexOf(document.activeElement) : -1;
  main.replaceChildren(next);
  if (focused >= 0) next.querySelectorAll(focusable)[focused]?.focus({ preventScroll: true });
}
