/** Request times as a provider with a sliding window counts them: the most requests in one window, the number of windows over the limit, and the shortest time (ms) in which `limit + 1` requests arrived. */
export function sliding(stamps, limit, windowMs) {
  const sorted = Float64Array.from(stamps).sort();
  let worst = Math.min(sorted.length, 1);
  let over = 0;
  let tightestMs = Infinity;
  for (let last = 0, first = 0; last < sorted.length; last++) {
    while (sorted[last] - sorted[first] >= windowMs) first++;
    worst = Math.max(worst, last - first + 1);
    if (last < limit) continue;
    const span = sorted[last] - sorted[last - limit];
    tightestMs = Math.min(tightestMs, span);
    if (span < windowMs) over++;
  }
  return { worst, over, tightestMs };
}

/** The value below which the given share (0 to 1) of the values lies. */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
