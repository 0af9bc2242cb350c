import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTime } from '../../../../infra/sources/time.ts';

describe('parseTime', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2026-01-31T12:00:00Z', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31T12:00Z', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31T12:00:00.5Z', Date.UTC(2026, 0, 31, 12, 0, 0, 500)],
    ['2026-01-31T12:00:00,123456789Z', Date.UTC(2026, 0, 31, 12, 0, 0, 123)],
    ['2026-01-31T12:00:00.999999Z', Date.UTC(2026, 0, 31, 12, 0, 0, 999)],
    ['2026-01-31T12:00:00+02:00', Date.UTC(2026, 0, 31, 10)],
    ['2026-01-31T12:00:00-0530', Date.UTC(2026, 0, 31, 17, 30)],
    ['2026-01-31T12:00:00+02', Date.UTC(2026, 0, 31, 10)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000],
    ['1969-12-31T23:59:59.999Z', -1],
  ])('%s', (text, time) => expect(parseTime(text)).toBe(time));

  test.each([
    '', ' ', '2026-01-31', '2026-01-31T12:00:00', '2026-01-31 12:00:00Z', '2026-01-31t12:00:00Z', '2026-01-31T12:00:00z', '2026-01-31T12:00:00Z ', ' 2026-01-31T12:00:00Z',
    '2026-02-29T00:00:00Z', '2026-02-30T00:00:00Z', '2026-04-31T00:00:00Z', '2026-13-01T00:00:00Z', '2026-00-01T00:00:00Z', '2026-01-00T00:00:00Z', '2026-01-32T00:00:00Z',
    '2026-01-31T24:00:00Z', '2026-01-31T12:60:00Z', '2026-01-31T12:00:60Z', '2026-01-31T12:00:00.Z', '2026-01-31T12:00:00+24:00', '2026-01-31T12:00:00+02:60', '2026-01-31T12:00:00+2',
    '2026-1-31T12:00:00Z', '26-01-31T12:00:00Z', '+002026-01-31T12:00:00Z', '1769860800', '2026-01-31T12:00:00ZZ', '2026-01-31T12:00:00Z\n', 'now', '２026-01-31T12:00:00Z', '2026-W05-6T12:00:00Z',
  ])('%j is none', (text) => expect(parseTime(text)).toBeNull());

  test('is the inverse of toISOString, in every zone', () => {
    const when = fc.date({ min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true });
    fc.assert(
      fc.property(when, fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }), (date, minutes) => {
        const local = new Date(date.getTime() + minutes * 60_000).toISOString();
        if (!/^\d{4}-/.test(local)) return;
        const [hour, minute] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) => String(part).padStart(2, '0'));
        expect(parseTime(local.replace('Z', `${minutes < 0 ? '-' : '+'}${hour}:${minute}`))).toBe(date.getTime());
      }),
    );
  });
});
