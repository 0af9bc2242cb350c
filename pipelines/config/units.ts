/** Settings that are text with a unit: a bare number would leave it to the reader whether it is seconds or milliseconds. */
import { z } from 'zod';
import type { Rate } from '../../operators/state/rate-budget.ts';

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES: Readonly<Record<string, number>> = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
const SECONDS: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 };

/** A number, then one of the units. What has no such form is told of once: its bounds hold. */
function measure(units: Readonly<Record<string, number>>, what: string, example: string) {
  const pattern = new RegExp(`^(\\d+(?:\\.\\d+)?) ?(${Object.keys(units).join('|')})$`);
  const wrong = `expected ${what} with its unit (${Object.keys(units).join(', ')}), such as ${example}`;
  const value = (text: string): number => {
    const [, number = '', unit = ''] = pattern.exec(text) ?? [];
    return Math.round(Number(number) * (units[unit] ?? NaN));
  };
  return (least: string, most: string) =>
    z
      .string({ error: ({ input }) => (typeof input === 'number' ? wrong : undefined) })
      .regex(pattern, wrong)
      .refine((text) => !(value(text) < value(least) || value(text) > value(most)), `expected from ${least} to ${most}`)
      .meta({ examples: [example] })
      .transform(value);
}

/** Milliseconds. */
export const duration = measure(MILLISECONDS, 'a duration', '30s');

/** Bytes. */
export const size = measure(BYTES, 'a size', '10MB');

const RATE = /^(\d+(?:\.\d+)?)\/(minute|hour|day)$/;

/** Null where the text is none. */
export function rateOf(text: string): Rate | null {
  const [, items = '', unit = ''] = RATE.exec(text) ?? [];
  const found = { items: Number(items), seconds: SECONDS[unit] ?? NaN };
  return found.items > 0 && found.seconds > 0 ? found : null;
}

/** As it is written. */
export function rateText({ items, seconds }: Rate): string {
  return `${items}/${Object.entries(SECONDS).find(([, length]) => length === seconds)?.[0] ?? `${seconds}s`}`;
}

/** Items per time. */
export function rate() {
  return z
    .string()
    .regex(RATE, 'expected items per minute, hour or day, such as 100/hour')
    .refine((text) => Number.parseFloat(text) !== 0, 'expected more than none')
    .meta({ examples: ['100/hour'] })
    .transform((text): Rate => rateOf(text) ?? { items: NaN, seconds: NaN });
}
