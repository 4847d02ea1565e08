import { describe, expect, it } from 'vitest';
import { readWire } from './parse.js';

const read = (text: string) => readWire(200, {}, Buffer.from(text));

describe('the format', () => {
  it.each([
    ['{"a":1}', 'json', { a: 1 }],
    ['\uFEFF{"a":1}', 'json', { a: 1 }],
    ['  ', 'empty', undefined],
    ['', 'empty', undefined],
    ['"ok"', 'json', 'ok'],
    ['null', 'json', null],
    ['<!DOCTYPE html><html></html>', 'html', undefined],
    [' <html lang="ru">', 'html', undefined],
    ['<response><id>007</id></response>', 'xml', { response: { id: '007' } }],
    ['Server Error', 'text', undefined],
    ['{"a":1', 'text', undefined],
  ])('of %j is %s, whatever the header says', (text, format, body) => {
    expect(read(text)).toMatchObject({ format });
    expect(read(text).body).toEqual(body);
  });
});

describe('JSON', () => {
  it('loses no digit of a number', () => {
    const { body } = read('{"id":549755819292311552123,"sum":0.1,"long":0.12345678901234567890}');
    expect(body).toEqual({ id: '549755819292311552123', sum: 0.1, long: '0.12345678901234567890' });
  });

  it('reaches no prototype', () => {
    const { body } = read('{"__proto__":{"admin":true},"constructor":{"name":1},"a":{"__proto__":{"x":1}}}');
    expect(body).toEqual({ a: {} });
    expect((body as { admin?: boolean }).admin).toBeUndefined();
  });

  it('is not defeated by depth', () => {
    expect(() => read('['.repeat(200_000))).not.toThrow();
  });
});

describe('XML', () => {
  it('knows the five entities and takes no document type', () => {
    expect(read('<a>&lt;b&gt; &amp;amp;</a>').body).toEqual({ a: '<b> &amp;' });
    expect(read('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>').body).toBeUndefined();
    expect(read('<a>&unknown;</a>').body).toEqual({ a: '&unknown;' });
  });

  it('keeps every value a text', () => {
    expect(read('<r><n>25.0000</n><e/></r>').body).toEqual({ r: { n: '25.0000', e: '' } });
  });
});

it('control characters never come through', () => {
  expect(read('a\u0000\u001b[31mb').text).toBe('a[31mb');
});
