import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Timeouts } from '../../gateway/timeouts.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('each ends when its time is over, in the order in which they began, and a cleared one never', () => {
  const ended: string[] = [];
  const timeouts = new Timeouts(100);
  timeouts.start(() => ended.push('first'));
  vi.advanceTimersByTime(40);
  const cleared = timeouts.start(() => ended.push('cleared'));
  timeouts.start(() => ended.push('second'));
  vi.advanceTimersByTime(59);
  timeouts.clear(cleared);
  expect(ended).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ended).toEqual(['first']);
  vi.advanceTimersByTime(39);
  expect(ended).toEqual(['first']);
  vi.advanceTimersByTime(1);
  expect(ended).toEqual(['first', 'second']);
});

test('one that begins while another ends is waited for', () => {
  const ended: string[] = [];
  const timeouts = new Timeouts(100);
  timeouts.start(() => timeouts.start(() => ended.push('after')));
  vi.advanceTimersByTime(199);
  expect(ended).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ended).toEqual(['after']);
});

test('one that ends another clears it', () => {
  const ended: string[] = [];
  const timeouts = new Timeouts(100);
  timeouts.start(() => timeouts.clear(other));
  const other = timeouts.start(() => ended.push('other'));
  vi.advanceTimersByTime(1_000);
  expect(ended).toEqual([]);
});

test('keeps a process alive only while something is waited for', () => {
  vi.useRealTimers();
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const timeouts = new Timeouts(60_000);
  const running = timeouts.start(() => undefined);
  expect(timers()).toBe(before + 1);
  timeouts.clear(running);
  expect(timers()).toBe(before);
  const again = timeouts.start(() => undefined);
  expect(timers()).toBe(before + 1);
  timeouts.clear(again);
  expect(timers()).toBe(before);
});
