import { queryObjects } from 'node:v8';
import { expect, onTestFinished, test, vi } from 'vitest';
import { answerBytes } from '../../gateway/program/answer-bytes.ts';
import { federate } from '../kit/federation.ts';

const FIRST_ROOM = 65_536;
const LARGEST_KEPT = 4_194_304;

/** A text of bytes as characters, of which no two neighbours are alike. */
function textOf(length: number): string {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => 1 + ((at * 7) % 255))).toString('latin1');
}

test('an answer of any length is there byte by byte with a zero after it, whatever was read before', () => {
  const lengths = [10, 0, FIRST_ROOM - 8, FIRST_ROOM - 7, 100_000, LARGEST_KEPT - 8, LARGEST_KEPT + 1, 9_000_000, 10];
  for (const length of lengths) {
    const text = textOf(length);
    answerBytes.take(text, length);
    const { bytes, view } = answerBytes;
    expect(Buffer.compare(bytes.subarray(0, length), Buffer.from(text, 'latin1')), `${length}`).toBe(0);
    expect(bytes[length]).toBe(0);
    // A parser looks at four bytes at once, from the last one on too.
    expect(() => view.getInt32(length, true)).not.toThrow();
  }
});

test('the room of an answer that is unusually large is not kept', () => {
  answerBytes.take(textOf(9_000_000), 9_000_000);
  answerBytes.take('{}', 2);
  expect(answerBytes.bytes.length).toBeLessThanOrEqual(LARGEST_KEPT);
});

test('what follows the end of a text is not taken with it', () => {
  answerBytes.take('{"data":1}', 10);
  answerBytes.take('{}\n', 2);
  expect(Buffer.from(answerBytes.bytes.subarray(0, 4)).toString('latin1')).toBe('{}\0a');
});

test('no program holds the room of a large answer once it has read it', async () => {
  const notes = (count: number) => Array.from({ length: count }, (_, nth) => ({ text: `${nth} ${'x'.repeat(1_000)}` }));
  const sdl = 'type Query { notes(count: Int!): [Note!]! } type Note { text: String }';
  const resolvers = { Query: { notes: (_: unknown, { count }: { count: number }) => notes(count) } };
  const federation = await federate({ notes: { sdl, resolvers } });
  onTestFinished(() => federation.close());
  const answer = await federation.ask('{ notes(count: 6000) { text } }');
  expect((answer['data'] as { notes: unknown[] }).notes).toHaveLength(6_000);
  expect(answerBytes.bytes.length).toBeGreaterThan(LARGEST_KEPT);
  const room = new WeakRef(answerBytes.bytes);
  answerBytes.take('{}', 2);
  // Collects garbage before it counts; what a WeakRef was just given for is held until the turn ends.
  await vi.waitUntil(() => queryObjects(DataView, { format: 'count' }) > 0 && room.deref() === undefined);
});
