import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { assertUtf8, readJson } from './json.js';

const read = (text: string) => readJson(Buffer.from(text));

describe('a body', () => {
  it.each([
    '{"total":"1.00","total":"1000.00"}',
    '{"total":"1.00","n":1,"total":"1.00"}',
    '{"receipt":{"a":[{"\\u0074otal":1}, {"total":1 , "to\\u0074al"\n:2}]}}',
  ])('with a duplicate name is refused: %s', text => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'malformed-json', detail: expect.stringContaining('`total`') }),
    );
  });

  it.each([
    ['{"a":1}x', 'an unexpected character at position 7'],
    ['{"a":1,}', 'an unexpected character at position 7'],
    ['{"a":', 'it ends unexpectedly at position 5'],
  ])('that is not JSON is refused with what is wrong: %s', (text, what) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ detail: expect.stringContaining(what) }));
  });

  it.each(['utf-16', '"windows-1251"', 'koi8-r; a=b'])('that is declared to be in %s is refused', charset => {
    expect(() => assertUtf8(`application/json; charset=${charset}`, Buffer.from('"ü"'))).toThrow(
      expect.objectContaining({
        code: 'unsupported-media-type',
        detail: expect.stringContaining('must be UTF-8'),
      }),
    );
  });

  it.each(['', ';charset=utf-8', '; Charset="UTF-8"', '; charset=utf8', '; charset=', '; version=1'])(
    'that is declared as application/json%s may be UTF-8',
    more => expect(() => assertUtf8(`application/json${more}`, Buffer.from('"ü"'))).not.toThrow(),
  );

  it.each(['ISO-8859-1', 'windows-1251'])(
    'that reads the same in %s and in UTF-8 may be declared so',
    charset => {
      const type = `application/json; charset=${charset}`;
      expect(() => assertUtf8(type, Buffer.from('"u"'))).not.toThrow();
      expect(() => assertUtf8(type, Buffer.from([34, 252, 34]))).toThrow();
    },
  );

  it('that is declared to be in UTF-16 is not, whatever it is in', () => {
    expect(() => assertUtf8('application/json; charset=utf-16', Buffer.from('{}'))).toThrow();
  });

  it('that is compressed is refused as such, and a wrong Content-Encoding does no harm', () => {
    expect(() => readJson(gzipSync('{}'), 'gzip')).toThrow(
      expect.objectContaining({ code: 'unsupported-media-type' }),
    );
    expect(readJson(Buffer.from('{}'), 'utf-8')).toEqual({});
  });

  it.each(['['.repeat(10_001) + ']'.repeat(10_001), '{"a":'.repeat(1_000_000), `["\\"]","${'['.repeat(99)}`])(
    'that is nested too deeply or cut off is refused before it is built (%#)',
    text => {
      expect(() => read(text)).toThrow(expect.objectContaining({ code: 'malformed-json' }));
    },
  );

  it.each([`{${'"a":1,'.repeat(10_000)}`, `[${'[],'.repeat(10_000)}`])(
    'of very many names or items is refused before it is built (%#)',
    text => {
      const detail = 'The body has more than 10000 names and items.';
      expect(() => read(text)).toThrow(expect.objectContaining({ code: 'malformed-json', detail }));
    },
  );

  it('may have a comma in a text wherever it likes', () => {
    expect(read(`[${'1,'.repeat(9_999)}"${','.repeat(99)}"]`)).toHaveLength(10_000);
  });

  it('may be nested deeply otherwise, and what stands in a text is no level', () => {
    const text = `${'['.repeat(10_000)}"[[["${']'.repeat(10_000)}`;
    expect(read(text)).toEqual(JSON.parse(text));
  });

  it.each([
    '{"a":{"total":1},"b":[{"total":"total"},{"total":"\\"total\\":{"}],"total":["total","total"]}',
    '{"\\\\":1,"\\\\\\"":"\\\\","":{"":""}}',
    '"a"',
    '[]',
  ])('may have a name wherever else it likes: %s', text => {
    expect(read(text)).toEqual(JSON.parse(text));
  });
});
