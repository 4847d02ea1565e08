import { describe, expect, it } from 'vitest';
import { Refusal } from './refusal.js';
import { providerTime, readDate, readRange, readTime, utcDay, utcText } from './time.js';

function codeOf(from?: string, to?: string): string {
  try {
    readRange(from, to);
    return 'accepted';
  } catch (error) {
    return (error as Refusal).code;
  }
}

describe('dates', () => {
  it.each([
    '2026-02-30',
    '2000-01-00',
    '2023-03-026',
    '2026-13-01',
    '2025-02-29',
    '26-01-01',
    '+012026-01',
    '',
  ])('has no day %j', text => {
    expect(readDate(text)).toBeUndefined();
  });

  it.each([
    '2026-11-21',
    '2026-11-21T10:00:00',
    '2026-02-30T10:00:00Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21T23:60:00Z',
    '2026-11-21T23:59:60Z',
    '2026-11-21T10:00:00+24:00',
    '2026-11-21T10:00:00+03:60',
    'on 2026-11-21T10:00:00Z',
    '2026-11-21T10:00:00 03:00',
  ])('has no moment %j', text => {
    expect(readTime(text)).toBeUndefined();
  });

  it('writes moments in UTC', () => {
    const time = readTime('2026-11-21T02:30:00.5+03:00')!;
    expect([utcText(time), utcDay(time)]).toEqual(['2026-11-20T23:30:00.500Z', '2026-11-20']);
  });

  it.each([
    ['2026-11-21T13:00:00+03:00', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21T23:59:59+23:59', '2026-11-21T00:00:59.000Z'],
    ['1767225600', '2026-01-01T00:00:00.000Z'],
    ['1767225600123', '2026-01-01T00:00:00.123Z'],
    ['20260101', '20260101'],
    ['2000-01-00', '2000-01-00'],
    ['2021-03-29', '2021-03-29'],
    ['2026-11-21 10:00:00', '2026-11-21 10:00:00'],
  ])('gives a provider’s %s as %s', (text, expected) => {
    expect(providerTime(text)).toBe(expected);
  });
});

describe('readRange', () => {
  it('takes a date as its whole UTC day, both ends included', () => {
    expect(readRange('2026-11-01', '2026-11-01')).toEqual({
      from: new Date('2026-11-01T00:00:00.000Z'),
      to: new Date('2026-11-01T23:59:59.999Z'),
    });
    expect(readRange('2026-11-01T10:00:00Z', undefined)).toEqual({
      from: new Date('2026-11-01T10:00:00.000Z'),
    });
    expect(readRange(undefined, undefined)).toEqual({});
  });

  it('allows 366 days and not one more', () => {
    expect(codeOf('2024-01-01', '2024-12-31')).toBe('accepted');
    expect(codeOf('2024-01-01', '2025-01-01')).toBe('validation-failed');
  });

  it('distinguishes an unreadable date from an unacceptable range', () => {
    expect(codeOf('yesterday')).toBe('invalid-parameter');
    expect(codeOf(undefined, '2026-02-30')).toBe('invalid-parameter');
    expect(codeOf('2026-11-02', '2026-11-01')).toBe('validation-failed');
  });
});
