import { errorTable } from '#canonical';
import type { ErrorCode } from '#canonical';

/** The page about a problem code, at the URL of a problem's `type`. */
export function problemPage(code: ErrorCode): string {
  const { status, retryable, outcome, title, detail, userMessage } = errorTable[code];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${code}</title>
<style>:root { color-scheme: light dark } body { font: 16px/1.5 system-ui, sans-serif; max-width: 42em; margin: 3em auto; padding: 0 1em } code { background: light-dark(#eee, #333); padding: 0 .2em }</style>
<h1>${escape(title)}</h1>
<p><code>${code}</code> · HTTP ${status} · ${retryable ? 'repeat with the same key' : 'do not repeat unchanged'} · effect: ${outcome}</p>
<p>${marked(detail)}</p>
<h2>For the cashier’s screen</h2>
<p>${escape(userMessage.en)}</p>
<p lang="ru">${escape(userMessage.ru)}</p>
</html>
`;
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const marked = (text: string): string => escape(text).replace(/`([^`]+)`/g, '<code>$1</code>');
