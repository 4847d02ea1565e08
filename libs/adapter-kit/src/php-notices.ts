// As HTML (`html_errors`, the default of web servers) or as a line of text.
const NOTICE =
  /^\s*(<br\s*\/?>\s*)?(<b>)?(PHP )?(Warning|Notice|Deprecated|Strict Standards)(<\/b>)?: [^\n]{0,1000}? on line (<b>)?\d+(<\/b>)?(\s*<br\s*\/?>)?\s*/i;
const MOST_NOTICES = 20;

/** Removes the warnings that PHP prints before JSON if `display_errors` is on; any other text stays as it is. A "Fatal error" is kept: the answer after it is incomplete. */
export function withoutPhpNotices(text: string): string {
  let rest = text;
  for (let nth = 0; nth < MOST_NOTICES && NOTICE.test(rest.slice(0, 2_000)); nth++)
    rest = rest.replace(NOTICE, '');
  return /^[{[]/.test(rest) ? rest : text;
}
