import { expect, test } from 'vitest';
import { readSeldom } from '../../gateway/observe/seldom-read.ts';

/** Something that is read every ten seconds, and hands out each read to be settled by the test. */
function reading(withinMs: number) {
  const reads: PromiseWithResolvers<string>[] = [];
  let nowMs = 0;
  const begin = (): Promise<string> => {
    const one = Promise.withResolvers<string>();
    reads.push(one);
    return one.promise;
  };
  const read = readSeldom(begin, { everyMs: 10_000, withinMs }, () => nowMs);
  return { reads, read, later: (ms: number) => void (nowMs += ms) };
}

const UNHURRIED_MS = 60_000;
const SHORT_MS = 20;

test('What is read seldom is read once for all who want it at a time, and again when it is time', async () => {
  const { reads, read, later } = reading(UNHURRIED_MS);
  const wanted = [read(), read(), read()];
  reads[0]!.resolve('first');
  expect(await Promise.all(wanted)).toEqual(['first', 'first', 'first']);
  later(9_999);
  expect(await read()).toBe('first');
  expect(reads).toHaveLength(1);
  later(1);
  const next = read();
  reads[1]!.resolve('second');
  expect(await next).toBe('second');
});

test('What cannot be read is nothing, until it is time again', async () => {
  const { reads, read, later } = reading(UNHURRIED_MS);
  const wanted = read();
  reads[0]!.reject(new Error('away'));
  expect(await wanted).toBeUndefined();
  later(9_999);
  expect(await read()).toBeUndefined();
  later(1);
  const next = read();
  reads[1]!.resolve('back');
  expect(await next).toBe('back');
});

test('What hangs is waited for only so long, is not begun beside itself, and comes to who asks next', async () => {
  const { reads, read, later } = reading(SHORT_MS);
  expect(await read()).toBeUndefined();
  later(30_000);
  expect(await read()).toBeUndefined();
  expect(reads).toHaveLength(1);
  reads[0]!.resolve('late');
  await reads[0]!.promise;
  later(-25_000);
  expect(await read()).toBe('late');
});
