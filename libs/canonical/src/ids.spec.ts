import { describe, expect, it } from 'vitest';
import { readIdempotencyKey } from './idempotency-key.js';
import { idPrefixes, isId, newId, type IdPrefix } from './ids.js';
import { fromDigits, isPhone } from './phone.js';

describe('ids', () => {
  it.each(Object.keys(idPrefixes) as IdPrefix[])('makes %s ids that are distinct from others', prefix => {
    const id = newId(prefix);
    expect(isId(prefix, id)).toBe(true);
    expect(isId(prefix === 'pur' ? 'rfd' : 'pur', id)).toBe(false);
  });

  it('carries a UUID of version 7', () => {
    const digits = '0123456789abcdefghjkmnpqrstvwxyz';
    const bits = newId('opr')
      .slice(4)
      .split('')
      .reduce((sum, digit) => sum * 32n + BigInt(digits.indexOf(digit)), 0n);
    expect((bits >> 76n) & 0xfn).toBe(7n);
  });

  it.each([
    '',
    'pur_',
    'pur_81h455vb4pex5vsknk084sn02q',
    'pur_01H455VB4PEX5VSKNK084SN02Q',
    'pur_01h455vb4pex5vsknk084sn02',
    5,
  ])('is not %j', text => {
    expect(isId('pur', text)).toBe(false);
  });
});

describe('phones', () => {
  it.each(['+79031234567', '+998901234567', '+14155552671'])('takes %s', text => {
    expect(isPhone(text)).toBe(true);
  });

  it.each([
    '79031234567',
    '89031234567',
    '+7 903 123-45-67',
    '+7903123',
    '+0123456789',
    '+7903123456789012',
    '',
  ])('refuses %j', text => {
    expect(isPhone(text)).toBe(false);
  });

  it('adds the plus to a provider’s digits, and guesses nothing', () => {
    expect(fromDigits(79201234567)).toBe('+79201234567');
    expect(fromDigits('998901234567')).toBe('+998901234567');
    expect(fromDigits('9201234')).toBeUndefined();
    expect(fromDigits(9201234567)).toBeUndefined();
    expect(fromDigits('+9201234567')).toBe('+9201234567');
  });
});

describe('idempotency keys', () => {
  it.each([
    ['0123456789abcdef', '0123456789abcdef'],
    ['"0123456789abcdef"', '0123456789abcdef'],
    ['x'.repeat(255), 'x'.repeat(255)],
    ['x'.repeat(256), undefined],
    ['short', undefined],
    ['with a blank inside', undefined],
    ['"0123456789abcdef', undefined],
    ['ключ-ключ-ключ-ключ', undefined],
  ])('%j → %j', (header, key) => {
    expect(readIdempotencyKey(header)).toBe(key);
  });
});
