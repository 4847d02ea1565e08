import type { SimulatedAnswer } from '#adapter-kit/testing';
import type { ReccaOptions } from './options.js';
import type { Tenant } from './tenant.js';
import { issue } from './token.js';

const html = (status: number, body: string): SimulatedAnswer => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  body: `<!DOCTYPE html>\n<html lang="ru"><head><meta charset="utf-8"><title>Recca</title></head><body>${body}</body></html>`,
});

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replace(/[&<>"]/g, char => escapes[char]!);

/** The popup: a person chooses a user and gives consent, and the opener receives a message. */
export function authorizePage(
  tenant: Tenant | undefined,
  query: URLSearchParams,
  { now, options }: { now: Date; options: ReccaOptions },
): SimulatedAnswer {
  const state = query.get('state') ?? '';
  if (!tenant) return html(400, '<h1>Неизвестный client_id</h1>');
  if (query.get('response_type') !== 'code' || state === '') return html(400, '<h1>Неверный запрос</h1>');
  const expires = now.getTime() + (options.tokenMinutes ?? 60) * 60_000;
  const messages = tenant.users.map(({ ub }) => ({
    type: 'recca:auth-success',
    token: issue({ tenant: tenant.seed.slug, sub: ub, exp: Math.floor(expires / 1000) }),
    user_id: ub,
    org_id: tenant.seed.org,
    expires_at: expires,
    state,
  }));
  const choices = tenant.users.map(
    ({ ub, name }) => `<option value="${ub}">${escape(name)} (${ub})</option>`,
  );
  // `<` inside a string could end the script element.
  const data = JSON.stringify(messages).replace(/</g, '\\u003c');
  return html(
    200,
    `<h1>${escape(tenant.seed.name)}</h1>
<p>Запрашивает доступ: ${escape(query.get('scope') ?? '')}</p>
<label>Вы — <select id="user">${choices.join('')}</select></label>
<button id="allow" type="button">Разрешить / Allow</button>
<script type="application/json" id="messages">${data}</script>
<script>
const messages = JSON.parse(document.getElementById('messages').textContent);
document.getElementById('allow').addEventListener('click', () => {
  const chosen = document.getElementById('user').value;
  const message = messages.find(({ user_id }) => user_id === chosen);
  if (window.opener) window.opener.postMessage(message, '*');
  window.close();
});
</script>`,
  );
}
