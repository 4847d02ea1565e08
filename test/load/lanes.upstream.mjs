// The provider of the lanes benchmark, in a process of its own: stamps each arrival and answers 204.
import { createServer } from 'node:http';

const arrivals = new Map();

const server = createServer((request, response) => {
  const at = performance.timeOrigin + performance.now();
  const lane = Number(request.url.slice(1));
  if (!arrivals.has(lane)) arrivals.set(lane, []);
  arrivals.get(lane).push(at);
  response.writeHead(204).end();
});

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.send({ arrivals }, () => process.exit(0)));
process.on('disconnect', () => process.exit(0));
