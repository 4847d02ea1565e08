import { exact, plainText } from '#canonical';
import { invalid, paged } from './answers.js';
import { campaignView } from './campaigns.js';
import type { Answer, Routes } from './call.js';
import { decimal, fieldsOf, needText, text } from './input.js';
import type { User } from './seed.js';

// `balance` is documented as a float.
const view = (user: User) => ({ ...user, balance: Number(user.balance) });

const list: Answer = ({ books, request, options }) =>
  paged(books.referrals.map(view), request, options.paging);

const one: Answer = ({ books, request, ids }) => {
  const user = books.referral(ids[0]!);
  if (request.query.get('expand') !== 'campaigns') return { body: view(user) };
  const own = books.campaigns.filter(({ owner }) => owner === user.id);
  return { body: { ...view(user), campaigns: own.map(each => campaignView(books, each, request)) } };
};

const create: Answer = ({ books, request, options }) => {
  const fields = fieldsOf(request);
  const username = needText(fields, 'user');
  const email = needText(fields, 'email');
  if (!/^\S+@\S+\.\S+$/.test(email))
    throw invalid('email', 'Значение «email» не является правильным email адресом.');
  const taken = (field: 'username' | 'email', value: string) =>
    books.users.some(user => user[field].toLowerCase() === value.toLowerCase());
  if (taken('username', username)) throw invalid('user', `Значение «${username}» для «Логин» уже занято.`);
  if (taken('email', email)) throw invalid('email', `Значение «${email}» для «E-mail» уже занято.`);
  const [url, telegram, skype, phone] = ['url', 'telegram', 'skype', 'phone'].map(name => text(fields, name));
  text(fields, 'name');
  const user: User = {
    id: books.nextUser(),
    username,
    email,
    type: 'advertiser',
    url: url!,
    date: request.now.toISOString().slice(0, 10),
    maxmoney: '0.0000',
    whatsapp: null,
    telegram: telegram!,
    skype: skype!,
    phone: phone!,
    balance: '0',
    parentId: books.me.id,
  };
  books.users.push(user);
  return {
    status: 201,
    headers: { location: `https://recreativ.com/api/advertiser/users/${user.id}` },
    ...(options.createdBody && { body: view(user) }),
    effect: { type: 'customer', key: username, id: String(user.id) },
  };
};

// `balance` is the amount to ADD, despite its name.
const change: Answer = ({ books, request, ids }) => {
  const user = books.referral(ids[0]!);
  const delta = decimal(fieldsOf(request), 'balance');
  if (delta === undefined) return { body: view(user) };
  user.balance = plainText(exact(user.balance).plus(delta));
  const data = { delta, balance: user.balance };
  return {
    body: view(user),
    effect: { type: 'adjustment', key: `${user.id}:${delta}`, id: String(user.id), data },
  };
};

/** The calls for accounts. */
export const userRoutes: Routes = [
  [/^\/me$/, { GET: ({ books }) => ({ body: view(books.me) }) }],
  [/^\/advertiser\/users$/, { GET: list, POST: create }],
  [/^\/advertiser\/users\/(\d+)$/, { GET: one, PUT: change }],
];
