import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, unzip } from 'node:zlib';

/** An answer that began and cannot be believed; the message is a sentence without any of its content. */
export class BrokenAnswer extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BrokenAnswer';
  }
}

/** An answer of which more came than is read. */
export class TooLarge extends BrokenAnswer {
  constructor(
    readonly status: number,
    maxBytes: number,
  ) {
    super(`The answer is larger than ${maxBytes} bytes.`);
  }
}

// One coding at most: each further layer would cost memory that the answer's author decides on.
const decoders = new Map([
  ['gzip', promisify(unzip)],
  ['x-gzip', promisify(unzip)],
  ['deflate', promisify(unzip)],
  ['br', promisify(brotliDecompress)],
]);

/** Reads the whole body; neither what came nor what it unpacks to may exceed `maxBytes`. Rejects with `BrokenAnswer`; nothing more is read after that. */
export async function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const raw = await collect(message, maxBytes);
  const coding = message.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (raw.length === 0 || coding === 'identity' || coding === '') return raw;
  const decode = decoders.get(coding);
  if (!decode) throw new BrokenAnswer('The answer is compressed in a way that was not asked for.');
  return decode(raw, { maxOutputLength: maxBytes }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ERR_BUFFER_TOO_LARGE'
      ? new TooLarge(message.statusCode ?? 0, maxBytes)
      : new BrokenAnswer('The answer cannot be decompressed.');
  });
}

function collect(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const brokeOff = (): void => reject(new BrokenAnswer('The answer broke off.'));
    const overflow = (): void => {
      reject(new TooLarge(message.statusCode ?? 0, maxBytes));
      message.destroy();
    };
    message.once('end', () => (message.complete ? resolve(Buffer.concat(chunks)) : brokeOff()));
    message.once('error', brokeOff);
    message.once('close', () => message.readableEnded || brokeOff());
    if (Number(message.headers['content-length']) > maxBytes) return overflow();
    message.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) return overflow();
      chunks.push(chunk);
    });
  });
}
