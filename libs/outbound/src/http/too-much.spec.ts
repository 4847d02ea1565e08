import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { get, testSender } from './testing/sender.js';
import { serveHttp } from './testing/servers.js';

const open: { close(): unknown }[] = [];
const opened = <T extends { close(): unknown }>(thing: T): T => (open.push(thing), thing);
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

const unanswered = (reason: string) => ({
  kind: 'unanswered',
  reason,
  writtenAt: expect.any(Number),
  durationMs: expect.any(Number),
});

describe('an answer that is too much: unanswered', () => {
  const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');
  const TOO_LARGE = {
    ...unanswered('The answer is larger than 2097152 bytes.'),
    tooLarge: true,
    status: 200,
  };

  it.each([
    ['announced', { 'content-length': String(100 * MEGABYTE.length) }],
    ['not announced', {}],
  ])('100 MB, %s, of which little is read', async (_name, headers) => {
    const written = new Promise<number>((resolve, reject) => {
      void serveHttp((_request, response) => {
        const { socket } = response;
        socket?.once('close', () => resolve(socket.bytesWritten));
        response.writeHead(200, headers);
        let left = 100;
        const more = (): void => {
          while (left-- > 0) if (!response.write(MEGABYTE)) return void response.once('drain', more);
          response.end();
        };
        more();
      }).then(async server => {
        opened(server);
        const sent = await opened(testSender()).send(get(server.url));
        expect(sent).toEqual(TOO_LARGE);
      }, reject);
    });
    // What the system's own buffers take stands on top of our two megabytes.
    expect(await written).toBeLessThan(30 * MEGABYTE.length);
  });

  const packed = async (headers: Record<string, string>, bytes: Buffer) => {
    const server = opened(
      await serveHttp((_request, response) => response.writeHead(200, headers).end(bytes)),
    );
    return opened(testSender()).send(get(server.url));
  };

  it('a gzip bomb, which is not unpacked further than the cap', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * MEGABYTE.length));
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    expect(await packed({ 'content-encoding': 'gzip' }, bomb)).toEqual(TOO_LARGE);
    const grown = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before;
    expect(grown).toBeLessThan(50 * MEGABYTE.length);
  });

  it.each([
    ['gzip', 'broken gzip', Buffer.from('{"a":1}'), 'The answer cannot be decompressed.'],
    ['gzip', 'truncated gzip', gzipSync('{"a":1}').subarray(0, 20), 'The answer cannot be decompressed.'],
    ['br', 'broken brotli', Buffer.from('{"a":1}'), 'The answer cannot be decompressed.'],
    [
      'compress',
      'an old coding',
      Buffer.from('{}'),
      'The answer is compressed in a way that was not asked for.',
    ],
    [
      'gzip, gzip',
      'two layers',
      gzipSync(gzipSync('{}')),
      'The answer is compressed in a way that was not asked for.',
    ],
  ])('%s: %s', async (coding, _name, bytes, reason) => {
    expect(await packed({ 'content-encoding': coding }, bytes)).toEqual(unanswered(reason));
  });
});
