/** The clock of an attempt, on timers that a test sets. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Attempt } from '../../../../infra/objects/attempt.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LIMITS = { seconds: 10, idleSeconds: 3 };

/** Lets time pass in steps, each of which something comes after. */
function hear(attempt: Attempt, seconds: number, step = 2): void {
  for (let passed = 0; passed < seconds; passed += step) {
    vi.advanceTimersByTime(step * 1000);
    attempt.heard();
  }
}

const reasonOf = ({ signal }: Attempt): string | null => (signal.aborted ? (signal.reason as Error).message : null);

test('silence is counted from the last that came', () => {
  const attempt = new Attempt(LIMITS, undefined);
  attempt.within(Promise.resolve()).catch(() => {});
  hear(attempt, 8);
  expect(reasonOf(attempt)).toBeNull();
  vi.advanceTimersByTime(1999);
  expect(reasonOf(attempt)).toBeNull();
  vi.advanceTimersByTime(1);
  expect(reasonOf(attempt)).toBe('reading the object took more than 10 s');
});

test('pauses are not counted, what came before and after them is', async () => {
  const attempt = new Attempt(LIMITS, undefined);
  const outcome = attempt.within(new Promise(() => {})).catch((error: unknown) => error);
  hear(attempt, 6);
  attempt.pause();
  vi.advanceTimersByTime(1_000_000);
  attempt.resume();
  hear(attempt, 2);
  expect(reasonOf(attempt)).toBeNull();
  hear(attempt, 2);
  expect(reasonOf(attempt)).toBe('reading the object took more than 10 s');
  expect(await outcome).toBe(attempt.signal.reason);
});

test('after its end neither time nor the caller ends it', () => {
  const caller = new AbortController();
  const attempt = new Attempt(LIMITS, caller.signal);
  attempt.end();
  vi.advanceTimersByTime(1_000_000);
  caller.abort();
  expect(attempt.signal.aborted).toBe(false);
});
