import { describe, expect, it } from 'vitest';
import { readWire } from './parse.js';

const read = (text: string) => readWire(200, {}, Buffer.from(text));

describe('the format', () => {
  it.each([
    ['{"a":1}', 'json', { a: 1 }],
    ['\uFEFF{"a":1}', 'json', { a: 1 }],
    // Each included file of PHP that was saved with a BOM sends one, and maybe an empty line.
    ['\uFEFF\uFEFF{"a":1}', 'json', { a: 1 }],
    ['\r\n\uFEFF\n\uFEFF{"a":1}', 'json', { a: 1 }],
    ['{"a":1}\uFEFF\n', 'json', { a: 1 }],
    ['\uFEFF\uFEFF<response><a>1</a></response>', 'xml', { response: { a: '1' } }],
    ['  ', 'empty', undefined],
    ['', 'empty', undefined],
    ['"ok"', 'json', 'ok'],
    ['null', 'json', null],
    ['<!DOCTYPE html><html></html>', 'html', undefined],
    [' <html lang="ru">', 'html', undefined],
    ['<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0"><html/>', 'html', undefined],
    ['<!-- blocked --><html></html>', 'html', undefined],
    ['<title>403 Forbidden</title><center>nginx</center>', 'html', undefined],
    ['<div class="error">Access denied</div>', 'html', undefined],
    ['<br />\n<b>Fatal error</b>:  Uncaught Error in <b>/www/api.php</b>', 'html', undefined],
    ['<?xml version="1.0"?><response><id>1</id></response>', 'xml', { response: { id: '1' } }],
    ['<body_mass>1</body_mass>', 'xml', { body_mass: '1' }],
    ['<response><id>007</id></response>', 'xml', { response: { id: '007' } }],
    ['Server Error', 'text', undefined],
    ['{"a":1', 'text', undefined],
  ])('of %j is %s, whatever the header says', (text, format, body) => {
    expect(read(text)).toMatchObject({ format });
    expect(read(text).body).toEqual(body);
  });
});

describe('the encoding', () => {
  const cyrillic = Buffer.from([0xcf, 0xf0, 0xe8]);
  const around = (before: string, after: string) =>
    Buffer.concat([Buffer.from(before), cyrillic, Buffer.from(after)]);
  const json = { 'content-type': 'application/json; charset="windows-1251"' };

  it('is taken from the header', () => {
    expect(readWire(200, json, around('{"a":"', '"}')).body).toEqual({ a: 'При' });
  });

  it('is windows-1251 if the bytes are not UTF-8 and no other charset is declared', () => {
    expect(readWire(200, {}, around('{"a":"', '"}')).body).toEqual({ a: 'При' });
    const said = { 'content-type': 'application/json; charset=UTF-8' };
    expect(readWire(200, said, around('{"a":"', '"}')).body).toEqual({ a: 'При' });
  });

  it('is taken from the XML declaration, unless the header says otherwise', () => {
    const declared = (name: string) => around(`<?xml version="1.0" encoding='${name}'?><a>`, '</a>');
    expect(readWire(200, {}, declared('WINDOWS-1251')).body).toEqual({ a: 'При' });
    expect(readWire(200, json, declared('koi8-r')).body).toEqual({ a: 'При' });
  });

  it('is UTF-8 if the bytes are, whatever is declared', () => {
    expect(readWire(200, json, Buffer.from('{"a":"При"}')).body).toEqual({ a: 'При' });
    expect(readWire(200, {}, Buffer.from('{"a":"При"}')).body).toEqual({ a: 'При' });
  });

  it('is UTF-16 by its BOM or its name', () => {
    const wide = Buffer.from('{"a":"При"}', 'utf16le');
    expect(readWire(200, {}, Buffer.concat([Buffer.from([0xff, 0xfe]), wide])).body).toEqual({ a: 'При' });
    expect(readWire(200, { 'content-type': 'application/json;charset=utf-16' }, wide).body).toEqual({
      a: 'При',
    });
  });

  it('is ignored if its name is unknown', () => {
    const odd = { 'content-type': 'application/json; charset=nonsense' };
    expect(readWire(200, odd, around('{"id":1,"a":"', '"}')).body).toMatchObject({ id: 1 });
  });
});

describe('JSON', () => {
  it('keeps every digit of a number', () => {
    const { body } = read('{"id":549755819292311552123,"sum":0.1,"long":0.12345678901234567890}');
    expect(body).toEqual({ id: '549755819292311552123', sum: 0.1, long: '0.12345678901234567890' });
  });

  it('cannot change a prototype', () => {
    const { body } = read('{"__proto__":{"admin":true},"constructor":{"name":1},"a":{"__proto__":{"x":1}}}');
    expect(body).toEqual({ a: {} });
    expect((body as { admin?: boolean }).admin).toBeUndefined();
  });

  it('may have raw tabs and line ends in its strings', () => {
    expect(read('{\r\n\t"name": "Anna\tPetrova\r\n",\n"id": 7}').body).toEqual({
      name: 'Anna Petrova  ',
      id: 7,
    });
    expect(read('{"a":"1\\n2",\n"b":1}').body).toEqual({ a: '1\n2', b: 1 });
    expect(read('{"name":"Anna\n').body).toBeUndefined();
  });

  const warning =
    '<br />\n<b>Warning</b>:  Undefined array key "x" in <b>/www/api.php</b> on line <b>12</b><br />\n';
  it.each([
    `${warning}{"a":1}`,
    `${warning}${warning}\n{"a":1}`,
    '\nNotice: Undefined index: x in /www/api.php on line 12\n{"a":1}',
    'PHP Deprecated:  Function each() in /www/api.php on line 7\n\n{"a":1}',
  ])('is read behind the notices of PHP: %j', text => {
    expect(read(text)).toMatchObject({ format: 'json', body: { a: 1 } });
  });

  it.each([
    [`${warning}<html></html>`, 'html'],
    [warning, 'html'],
    [
      '<br />\n<b>Fatal error</b>:  Out of memory in <b>/www/api.php</b> on line <b>1</b><br />\n{"a":1}',
      'html',
    ],
    [`{"a":"${'Notice: x on line 1'}"}`, 'json'],
  ])('takes nothing else away: %j', (text, format) => {
    expect(read(text).format).toBe(format);
  });

  it('may be nested deeply', () => {
    expect(() => read('['.repeat(200_000))).not.toThrow();
  });
});

describe('XML', () => {
  it('decodes the five entities and accepts no document type', () => {
    expect(read('<a>&lt;b&gt; &amp;amp;</a>').body).toEqual({ a: '<b> &amp;' });
    expect(read('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>').body).toBeUndefined();
    expect(read('<a>&unknown;</a>').body).toEqual({ a: '&unknown;' });
  });

  it('decodes numeric references and the entities of HTML, and leaves CDATA as it is', () => {
    expect(read('<a>&#1055;&#x41f; it&#39;s&nbsp;A &amp;#39;</a>').body).toEqual({
      a: "ПП it's\u00a0A &#39;",
    });
    expect(read('<a><![CDATA[A &amp; <b>]]></a>').body).toEqual({ a: 'A &amp; <b>' });
    expect(read('<a>&#27;[31m&#0;</a>').body).toEqual({ a: '[31m' });
  });

  it('keeps every value as text', () => {
    expect(read('<r><n>25.0000</n><e/></r>').body).toEqual({ r: { n: '25.0000', e: '' } });
  });
});

it('control characters are removed', () => {
  expect(read('a\u0000\u001b[31mb').text).toBe('a[31mb');
  expect(read('{"a":"x\\u0000\\u001by","b":["\\ud83d!","\\ud83d\\ude00"]}').body).toEqual({
    a: 'xy',
    b: ['\ufffd!', '😀'],
  });
});
