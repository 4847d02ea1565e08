import { describe, expect, it } from 'vitest';
import { readTillBody } from './till-body.js';

const read = (body: string | Buffer) => readTillBody(undefined as never, Buffer.from(body));

describe('the body of a till', () => {
  it('keeps all digits of a receipt number made of a timestamp', async () => {
    const body = '{"code":"123456","total":7.50,"cash":1e2,"invoiceNumber":20161128160647121,"total":8.5}';
    expect(await read(body)).toEqual({
      code: '123456',
      total: 8.5,
      cash: 100,
      invoiceNumber: '20161128160647121',
    });
    const nested = `{"invoiceNumber":20161128160647121,"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    await expect(read(nested)).resolves.toBeDefined();
  });

  // `А-17` and `Б-17` in the Windows code page.
  it.each([
    ['a form', (letter: number) => Buffer.from([...Buffer.from('invoiceNumber='), letter, 0x2d, 0x31, 0x37])],
    ['an escaped form', (letter: number) => `total=1&invoiceNumber=%${letter.toString(16)}-17+`],
    [
      'JSON',
      (letter: number) => Buffer.from(`{"invoiceNumber":"${String.fromCharCode(letter)}-17"}`, 'latin1'),
    ],
  ])('tells Cyrillic letters apart in %s of an old program', async (_, body) => {
    const numbers = await Promise.all([0xc0, 0xc1].map(letter => read(body(letter))));
    expect(numbers.map(({ invoiceNumber }: any) => invoiceNumber.trim())).toEqual(['А-17', 'Б-17']);
  });

  it('reads UTF-8, and leaves a broken escape unchanged', async () => {
    expect(await read(`invoiceNumber=${encodeURIComponent('Ж-1')}&code=5%&phone=%2B7`)).toEqual({
      invoiceNumber: 'Ж-1',
      code: '5%',
      phone: '+7',
    });
  });
});
