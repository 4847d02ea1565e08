import { h } from './dom.js';

export const pause = (ms, signal) =>
  new Promise(done => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), done()));
  });

/** A view that looks again every few seconds, while somebody can see it. */
export function polled(look, everyMs = 3000) {
  return async function* (context) {
    while (!context.signal.aborted) {
      if (!document.hidden) yield await look(context).catch(error => failure(error, context.signal));
      await pause(everyMs, context.signal);
    }
  };
}

export function failure(error, signal) {
  if (signal.aborted || error.status === 401) throw error;
  return h('p', { class: 'problem', role: 'alert' }, error.message);
}

/** Puts a view in place of an older one of the same; what a person has opened or stands on stays as it was. */
export function swap(main, next) {
  const before = main.firstElementChild;
  const opened = [...(before?.querySelectorAll('details') ?? [])].map(({ open }) => open);
  next.querySelectorAll('details').forEach((details, index) => (details.open = opened[index] ?? false));
  if (before?.isEqualNode(next)) return;
  const places = 'a, button, select, summary';
  const place = before ? [...before.querySelectorAll(places)].indexOf(document.activeElement) : -1;
  main.replaceChildren(next);
  if (place >= 0) next.querySelectorAll(places)[place]?.focus({ preventScroll: true });
}
