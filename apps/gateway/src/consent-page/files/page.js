import { marks, texts, tones } from './texts.js';

const id = location.pathname.split('/').at(-1);
const state = location.hash.slice(1);
const part = name => document.getElementById(name);

let language = document.documentElement.lang;
let scene = 'loading';
let offer;
let popup;
let answer;

function show(next) {
  scene = next;
  const { title, text, action } = texts[language][scene];
  const tone = tones[scene] ?? 'plain';
  document.documentElement.lang = language;
  document.body.dataset.tone = tone;
  document.body.dataset.scene = scene;
  document.title = title;
  part('mark').textContent = marks[tone];
  part('title').textContent = title;
  part('text').textContent = named(text);
  part('action').textContent = named(action ?? '');
  part('action').hidden = action === undefined;
  part('safety').textContent = named(texts[language].safety);
  part('safety').hidden = scene !== 'open';
  for (const name of ['ru', 'en']) part(name).setAttribute('aria-pressed', String(name === language));
}

const named = text => text.replaceAll('{provider}', offer?.provider ?? '');

/** What the gateway says; `undefined` where it cannot be reached or cannot answer now. */
async function post(path, body) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (response.status === 429 || response.status >= 500) return undefined;
    return { status: response.status, body: response.status === 204 ? undefined : await response.json() };
  } catch {
    return undefined;
  }
}

async function load() {
  show('loading');
  const told = await post(`${id}/offer`, { state });
  if (!told) return show('failed');
  if (told.status !== 200) return show('unknown');
  offer = told.body;
  show(offer.status);
}

// Opened by the click itself: that is what browsers let through.
function openPopup() {
  popup = window.open(offer.authorizeUrl, 'consent', 'popup,width=520,height=720');
  if (!popup) return show('blocked');
  show('waiting');
  watch(popup);
}

function watch(opened) {
  const timer = setInterval(() => {
    if (!opened.closed) return;
    clearInterval(timer);
    if (scene === 'waiting' && popup === opened) show('closed');
  }, 400);
}

async function handOver() {
  show('sending');
  const told = await post(id, answer);
  // Kept for another try where we could not be reached; a token has no business here any longer otherwise.
  if (!told) return show('failed');
  answer = undefined;
  // The link has had its answer: perhaps this one, by an earlier try of which we did not learn. The offer knows.
  if (told.status === 409) {
    offer = undefined;
    return load();
  }
  const stranger = told.body?.errors?.some(({ pointer }) => pointer === '/userId');
  show(told.status === 204 ? 'done' : stranger ? 'stranger' : told.status === 404 ? 'unknown' : 'over');
}

// Any window may post to this one: only the provider's origin, its message and our own state are believed.
window.addEventListener('message', ({ origin, data }) => {
  if (!offer || answer || !['waiting', 'closed'].includes(scene)) return;
  if (origin !== offer.origin || data?.type !== offer.messageType || data.state !== state) return;
  // A moment is a number here, also where it is written as a text.
  answer = { token: data.token, userId: data.user_id, expiresAt: Number(data.expires_at), state };
  popup?.close();
  void handOver();
});

part('action').addEventListener('click', () => {
  if (!offer) void load();
  else if (answer) void handOver();
  else openPopup();
});
for (const name of ['ru', 'en']) {
  part(name).addEventListener('click', () => {
    language = name;
    show(scene);
  });
}
// Another link pasted over this one changes nothing but the part behind the #.
window.addEventListener('hashchange', () => location.reload());
void load();
