import fc from 'fast-check';

/**
 * A way to answer that a subgraph might have: the right answer, changed as JSON, written in another way, and with its bytes
 * changed; or something else altogether.
 */
export interface Corruption {
  /** Whose answers: a number to be taken modulo that of subgraphs that are asked. */
  subgraph: number;
  /** Given instead of the right answer, where it is there. */
  instead: Uint8Array | undefined;
  changes: readonly Change[];
  /** How numbers, strings and spaces are written, taken in turn; as `JSON.stringify` does where there are none. */
  notation: readonly number[];
  edits: readonly ByteEdit[];
}

/** A change of one node of a JSON document. */
export interface Change {
  /** Which: a number to be taken modulo that of nodes. */
  at: number;
  kind: 'replace' | 'imitate' | 'drop' | 'repeat' | 'rename' | 'turn' | 'nest';
  /** Text that takes the node's place, or stands beside it; not always JSON. */
  text: string;
  /** Texts that look like a value of the node's kind, of which one imitates it. */
  imitations: Readonly<Record<'number' | 'string', string>>;
}

/** Bytes taken away and others put in their place. */
export interface ByteEdit {
  /** Where: a number to be taken modulo that of bytes, the end being one. */
  at: number;
  remove: number;
  insert: Uint8Array;
}

/** The bytes of a corrupted answer. */
export function corrupt(body: Buffer, { instead, changes, notation, edits }: Corruption): Buffer {
  if (instead) return Buffer.from(instead);
  const root = toNode(JSON.parse(body.toString('utf8')));
  const changed = changes.reduce(change, root);
  const text = write(changed, new Notation(notation));
  return edits.reduce(edit, Buffer.from(text));
}

function edit(body: Buffer, { at, remove, insert }: ByteEdit): Buffer {
  const from = at % (body.length + 1);
  return Buffer.concat([body.subarray(0, from), insert, body.subarray(from + remove)]);
}

/** A JSON value whose objects may have a key twice, and whose leaves are texts. */
type Node =
  | { kind: 'object'; members: (readonly [key: string, value: Node])[] }
  | { kind: 'list'; items: Node[] }
  | { kind: 'leaf'; value: unknown }
  | { kind: 'text'; text: string };

function toNode(value: unknown): Node {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(toNode) };
  if (typeof value !== 'object' || value === null) return { kind: 'leaf', value };
  return { kind: 'object', members: Object.entries(value).map(([key, inner]) => [key, toNode(inner)]) };
}

function change(root: Node, how: Change): Node {
  const { at, kind, text } = how;
  const target = at % countNodes(root);
  let index = -1;
  const visit = (node: Node): Node[] => {
    index += 1;
    if (index === target) return changed(node, how);
    if (node.kind === 'list') return [{ kind: 'list', items: node.items.flatMap(visit) }];
    if (node.kind !== 'object') return [node];
    return [{ kind: 'object', members: node.members.flatMap(([key, value]) => visitMember(key, value)) }];
  };
  const visitMember = (key: string, value: Node): (readonly [string, Node])[] => {
    const isTarget = index + 1 === target;
    const name = isTarget && kind === 'rename' ? text : key;
    return visit(value).map((each) => [name, each] as const);
  };
  return visit(root)[0] ?? { kind: 'text', text: '' };
}

function changed(node: Node, { kind, text, imitations }: Change): Node[] {
  switch (kind) {
    case 'imitate':
      return [{ kind: 'text', text: imitation(node, imitations) ?? text }];
    case 'replace':
      return [{ kind: 'text', text }];
    case 'drop':
      return [];
    case 'repeat':
      return [node, { kind: 'text', text }];
    case 'rename':
      return [node];
    case 'turn':
      if (node.kind === 'object') return [{ kind: 'object', members: node.members.toReversed() }];
      return [node.kind === 'list' ? { kind: 'list', items: node.items.toReversed() } : node];
    case 'nest':
      return [{ kind: 'list', items: [node] }];
  }
}

function imitation(node: Node, imitations: Change['imitations']): string | undefined {
  if (node.kind !== 'leaf') return undefined;
  if (typeof node.value === 'number') return imitations.number;
  return typeof node.value === 'string' ? imitations.string : undefined;
}

function countNodes(node: Node): number {
  const inner =
    node.kind === 'object' ? node.members.map(([, value]) => value) : node.kind === 'list' ? node.items : [];
  return inner.reduce((count, each) => count + countNodes(each), 1);
}

/** Ways to write the same, in turn. */
class Notation {
  readonly #choices: readonly number[];
  #next = 0;

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  /** One of some ways; the first where there is nothing to choose by. */
  pick<Way>(first: Way, ...others: readonly Way[]): Way {
    const ways = [first, ...others];
    if (this.#choices.length === 0) return first;
    const choice = this.#choices[this.#next++ % this.#choices.length]!;
    return ways[choice % ways.length]!;
  }
}

function write(node: Node, notation: Notation): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'leaf':
      return writeLeaf(node.value, notation);
    case 'list':
      return `[${node.items.map((item) => write(item, notation)).join(separator(notation))}]`;
    case 'object': {
      const members = node.members.map(
        ([key, value]) =>
          `${writeString(key, notation)}${notation.pick(':', ':', ':', ' : ')}${write(value, notation)}`,
      );
      return `{${members.join(separator(notation))}}`;
    }
  }
}

function separator(notation: Notation): string {
  return notation.pick(',', ',', ',', ',', ', ', ',\n');
}

function writeLeaf(value: unknown, notation: Notation): string {
  if (typeof value === 'string') return writeString(value, notation);
  if (typeof value !== 'number') return JSON.stringify(value);
  const [exponent, fixed] = [value.toExponential(), value.toFixed(Number.isInteger(value) ? 1 : 4)];
  return notation.pick(JSON.stringify(value), exponent, exponent.toUpperCase(), fixed, exponent.replace('e+', 'e'));
}

function writeString(text: string, notation: Notation): string {
  const plain = JSON.stringify(text);
  const escaped = `"${Array.from({ length: text.length }, (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')}"`;
  return notation.pick(
    plain,
    plain,
    plain,
    plain,
    escaped,
    plain.replaceAll('a', '\\u0061'),
    plain.replaceAll('/', '\\/'),
  );
}

/** Numbers in every notation, and what only looks like one. */
const NUMBERS = [
  ...[
    '0',
    '1',
    '-1',
    '1.0',
    '1e2',
    '1E+2',
    '10e-1',
    '-0',
    '-0.0',
    '0e0',
    '1e99',
    '1e400',
    '-1e999',
    '0.1e-7',
    '1e-400',
  ],
  ...[
    '999999999',
    '2147483647',
    '2147483648',
    '-2147483648',
    '-2147483649',
    '9007199254740993',
    '12345678901234567890',
  ],
  ...[`1${'0'.repeat(400)}`, `0.${'3'.repeat(100)}`, `1e${'0'.repeat(50)}1`, '1e308', '1e309', '4.9e-324'],
  ...[
    '01',
    '-01',
    '00',
    '+1',
    '1.',
    '1.e1',
    '.5',
    '-',
    '--1',
    '0x10',
    '1_000',
    '1e',
    '1e+',
    '1 2',
    '1a',
    'NaN',
    'Infinity',
  ],
];

/** Strings in every notation, and what only looks like one. */
const STRINGS = [
  ...[
    '""',
    '"NL"',
    '"FR"',
    '"XX"',
    '"Book"',
    '"Film"',
    '"Item"',
    '"Author"',
    '"b1"',
    '"f1"',
    '"Ann"',
    '"1"',
    '"\\u0041nn"',
  ],
  ...['"\\ud83d\\ude00"', '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\u001f"', '"\\/\\b\\f\\n\\r\\t\\\\\\""'],
  ...['"\u{1F600}"', '"\u2028"', '"\uFEFF"', '"\u007f"', '"é"', '"ÿ"'],
  ...[
    '"\t"',
    '"\n"',
    '"a\u0000b"',
    '"\\"',
    '"\\x41"',
    '"\\u12"',
    '"\\u12g4"',
    '"\\U0041"',
    '"\\u{41}"',
    "'a'",
    '"a',
    'a"',
    '"a"b"',
  ],
];

/** Whatever else may stand somewhere. */
const OTHERS = [
  ...['null', 'true', 'false', 'nul', 'nulll', 'True', 'undefined', '', ' ', ' null', 'null ', 'tru', 'falsy'],
  ...['[]', '{}', '[[]]', '[null]', '[1,]', '[,1]', '{"a":1,}', '{"a":1,"a":2}', '{"a":{"b":1},"a":{"c":2}}', '{a:1}'],
  ...['{"a" :1}', '{"a":01}', '[1.]', '["\\q"]', '[tru]', '{"\t":1}', '{1:1}', '[1}', '{"a"}'],
  ...['{"__typename":"Book","id":"b9","title":"B"}', '{"__proto__":{"x":1}}', '{"constructor":1,"toString":null}'],
  ...['1}', '1]', '1,"errors":[]', '1},"errors":[{"message":"no"}]', '/* a */ 1', '1 // a'],
];

const TEXTS = [...NUMBERS, ...STRINGS, ...OTHERS];

const invalidUtf8 = [
  ...[[0x80], [0xc3], [0xc3, 0x28], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xff], [0xfe]],
  ...[[0xf4, 0x90, 0x80, 0x80], [0xef, 0xbb, 0xbf], [0], [0x1f], [0x7f], [0x5c], [0x22]],
].map((bytes) => Uint8Array.from(bytes));

/** Not a double: most doubles between 0 and 1 are next to 0. */
const place = fc.nat({ max: 1_000_000 });

const someNumber = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...NUMBERS) },
  fc.double().map(String),
  fc.bigInt().map(String),
  fc.stringMatching(/^-?\d{1,12}(\.\d{1,4})?([eE][+-]?\d{1,3})?$/),
);

const someString = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...STRINGS) },
  fc.string({ unit: 'binary' }).map((value) => JSON.stringify(value)),
  fc.stringMatching(/^"([ -~é]|\\.|\\u[0-9a-f]{3,4}){0,3}"$/),
);

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  fc.json({ maxDepth: 3 }),
  someNumber,
  someString,
  fc.nat({ max: 3_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc.nat({ max: 3_000 }).map((depth) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)),
);

const someChange: fc.Arbitrary<Change> = fc.record({
  at: place,
  kind: fc.constantFrom('imitate', 'imitate', 'imitate', 'replace', 'drop', 'repeat', 'rename', 'turn', 'nest'),
  text,
  imitations: fc.record({ number: someNumber, string: someString }),
});

const someEdit: fc.Arbitrary<ByteEdit> = fc.record({
  at: place,
  remove: fc.nat({ max: 3 }),
  insert: fc.oneof(
    fc.constantFrom(...invalidUtf8),
    fc.uint8Array({ maxLength: 4 }),
    fc.constantFrom(...TEXTS).map((value) => Buffer.from(value)),
  ),
});

const something: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.json().map((value) => Buffer.from(value)),
  fc.json().map((value) => Buffer.from(`{"data":${value}}`)),
  fc.json().map((value) => Buffer.from(`{"data":{"_entities":${value}}}`)),
  text.map((value) => Buffer.from(`{"data":{"_entities":[${value}]}}`)),
  text.map((value) => Buffer.from(value)),
);

/** Corruptions, mostly of one kind each: two at once mostly end in what neither would. */
export const corruptions: fc.Arbitrary<Corruption> = fc.record({
  subgraph: fc.nat({ max: 1_000 }),
  instead: fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, something),
  changes: fc.oneof(
    fc.constant([]),
    { weight: 6, arbitrary: fc.array(someChange, { minLength: 1, maxLength: 1 }) },
    fc.array(someChange, { minLength: 2, maxLength: 3 }),
  ),
  notation: fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 40 }),
  ),
  edits: fc.oneof({ weight: 6, arbitrary: fc.constant([]) }, fc.array(someEdit, { minLength: 1, maxLength: 2 })),
});
