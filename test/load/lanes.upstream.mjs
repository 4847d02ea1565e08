// The provider of the lanes benchmark, in its own process: records the time of each request and answers 204. With a limit
// and a window (ms) it answers 429 to requests over the limit.
import { createServer } from 'node:http';

const [limit, windowMs] = process.argv.slice(2).map(Number);
const arrivals = new Map();
let refused = 0;

const server = createServer((request, response) => {
  const at = performance.timeOrigin + performance.now();
  const lane = Number(request.url.slice(1));
  if (!arrivals.has(lane)) arrivals.set(lane, []);
  const stamps = arrivals.get(lane);
  const full = limit > 0 && stamps.length >= limit && stamps.at(-limit) > at - windowMs;
  if (full) refused++;
  stamps.push(at);
  response.writeHead(full ? 429 : 204).end();
});

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.send({ arrivals, refused }, () => process.exit(0)));
process.on('disconnect', () => process.exit(0));
