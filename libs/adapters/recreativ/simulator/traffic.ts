const DAY_MS = 86_400_000;

/** Counts of one row; money in ten-thousandths, since only whole numbers add up exactly. */
export interface Traffic {
  views: number;
  clicks: number;
  orders: number;
  money: number;
}

export const none: Traffic = { views: 0, clicks: 0, orders: 0, money: 0 };

export const sum = (rows: Traffic[]): Traffic =>
  rows.reduce(
    (all, row) => ({
      views: all.views + row.views,
      clicks: all.clicks + row.clicks,
      orders: all.orders + row.orders,
      money: all.money + row.money,
    }),
    none,
  );

/** The traffic of one offer or block on one day: always the same for the same id and day. */
export function trafficOf(id: number, day: string, price: number): Traffic {
  const seed = (id * 37 + Math.floor(Date.parse(day) / DAY_MS) * 53) % 601;
  const views = 400 + seed;
  const clicks = Math.floor(views / 50);
  return { views, clicks, orders: Math.floor(clicks / 6), money: clicks * price };
}

/** Splits a row into parts whose sum is the row. */
export function split(row: Traffic, shares: number[]): Traffic[] {
  const part = (name: keyof Traffic) => {
    const parts = shares.map(share => Math.floor((row[name] * share) / 100));
    parts[0]! += row[name] - parts.reduce((all, each) => all + each, 0);
    return parts;
  };
  const [views, clicks, orders, money] = [part('views'), part('clicks'), part('orders'), part('money')];
  return shares.map((_, at) => ({
    views: views[at]!,
    clicks: clicks[at]!,
    orders: orders[at]!,
    money: money[at]!,
  }));
}

/** Conversions of one target: half of all are purchases, a third are registrations, and the rest is in between. */
export function ofTarget(row: Traffic, target: string | null): Traffic {
  const { orders } = row;
  const [bought, registered] = [Math.floor(orders / 2), Math.floor(orders / 3)];
  const counts = [orders, bought, registered, orders - bought - registered];
  return { ...row, orders: counts[Number(target ?? 0)] ?? orders };
}

export const amount = (tenThousandths: number): number => tenThousandths / 10_000;
const ratio = (part: number, whole: number, times = 1): number =>
  whole === 0 ? 0 : Math.round((part * times * 10_000) / whole) / 10_000;

/** A row with the advertiser's field names. */
export const spent = ({ views, clicks, orders, money }: Traffic) => ({
  views,
  clicks,
  money: amount(money),
  orders,
  cpm: amount(Math.round(ratio(money, views, 1000))),
  cpo: amount(Math.round(ratio(money, orders))),
  cr: ratio(orders, clicks, 100),
  cpc: amount(Math.round(ratio(money, clicks))),
});

/** A row with the webmaster's field names; `money` is documented as a whole number there. */
export const earned = ({ views, clicks, money }: Traffic) => ({
  views,
  clicks,
  ctr: ratio(clicks, views, 100),
  cpm: amount(Math.round(ratio(money, views, 1000))),
  money: Math.round(amount(money)),
});

/** The days of a period up to today; by default the last week. A day like `2023-03-026` is read by its beginning, as in PHP. */
export function daysOf(from: string | null, to: string | null, now: Date): string[] {
  const dayIn = (text: string | null) => {
    const time = Date.parse((text ?? '').slice(0, 10));
    return Number.isNaN(time) ? undefined : time;
  };
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  const last = Math.min(dayIn(to) ?? today, today);
  const first = Math.max(dayIn(from) ?? last - 6 * DAY_MS, last - 365 * DAY_MS);
  const count = Math.max(0, Math.floor((last - first) / DAY_MS) + 1);
  return Array.from({ length: count }, (_, at) => new Date(first + at * DAY_MS).toISOString().slice(0, 10));
}
