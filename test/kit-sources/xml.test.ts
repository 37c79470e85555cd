import { expect, test } from 'vitest';
import type { SourceRow } from '../../subgraphs/kit/record-source.ts';
import { xmlKind } from '../../subgraphs/kit/sources/xml.ts';
import { dropFolderContractOf, oneFileOf, rowsOf, type DropFormat } from './drop-folder.ts';

const XML: DropFormat = {
  name: 'XML files',
  ending: 'xml',
  open: (folder, context) => xmlKind.open({ folder, records: 'list/row' }, context),
  write: (rows) => `<?xml version="1.0"?>\n<list>\n${rows.map(element).join('\n')}\n</list>\n`,
  lineOf: (record) => record + 3,
  cut: (rows) => `<list>\n${rows.map(element).join('\n').slice(0, -9)}`,
};

function element({ id = null, ...others }: SourceRow): string {
  const text = (value: unknown): string => String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const inner = Object.entries(others).map(([name, value]) =>
    value === null ? '' : `<${name}>${text(value)}</${name}>`,
  );
  return `<row${id === null ? '' : ` id="${text(id)}"`}>${inner.join('')}</row>`;
}

dropFolderContractOf(XML);

const open: DropFormat['open'] = (folder, context) => xmlKind.open({ folder, records: '*/*' }, context);
const oneFile = oneFileOf({ ending: 'xml', open });
const oneFileAtPath = oneFileOf(XML);
const structures = new Map([
  ['name', 'object' as const],
  ['size', 'list' as const],
]);
const oneFileOfStructures = oneFileOf({ ending: 'xml', open }, { structures });
const MIB = 1_048_576;

test('attributes, elements in others and texts beside both are columns; namespaces do not count', async () => {
  const { source } = await oneFile(`<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE list>
    <x:list xmlns:x="urn:x" xmlns="urn:y"><!-- none -->
    <x:row x:id="1"><name>A &lt;v&gt; B &amp; Sons &#20113;&#x4e91;&#38;lt;</name><size unit="m"> 2 </size></x:row>
    <row id="2" name=""><name/><![CDATA[ x ]]></row>
    <row><id>3</id><Name><![CDATA[<b>]]> &quot;c&quot;</Name></row></x:list>`);
  expect(await rowsOf(source, ['id', 'name', 'size'])).toEqual([
    { id: '1', name: 'A <v> B & Sons 云云&lt;', size: 2 },
    { id: '2', name: null, size: null },
    { id: '3', name: '<b> "c"', size: null },
  ]);
});

test('elements with others in them, and such of one name, are kept whole where a field wants them', async () => {
  const { source } = await oneFileOfStructures(
    `<l><r id="1"><name k="v">t<__proto__>p</__proto__></name><size n="1">a</size><size>b</size></r><r id="2"><size>c</size></r><r id="3"/></l>`,
  );
  const rows = await rowsOf(source, ['id', 'name', 'size']);
  expect(JSON.parse(JSON.stringify(rows))).toEqual([
    {
      id: '1',
      name: JSON.parse('{"@k":"v","__proto__":"p","#text":"t"}') as unknown,
      size: [{ '@n': '1', '#text': 'a' }, 'b'],
    },
    { id: '2', name: null, size: ['c'] },
    { id: '3', name: null, size: null },
  ]);
});

/** Names an entity of itself ten times over, six levels deep: a million letters out of a few lines. */
const BOMB = `<!DOCTYPE list [<!ENTITY a0 "ha">${[1, 2, 3, 4, 5, 6]
  .map((level) => `<!ENTITY a${level} "${`&a${level - 1};`.repeat(10)}">`)
  .join('')}]><list><row id="1"><name>&a6;</name></row></list>`;
const OWN_ENTITIES = 'it has a document type of its own, with entities that are not read';
const GOOD = '<list><row id="1"/>\n';

test.each<[string, string, string | null, string[]]>([
  ['a bomb of entities', BOMB, OWN_ENTITIES, []],
  [
    'an entity that names a file',
    '<!DOCTYPE list [<!ENTITY f SYSTEM "file:///etc/passwd">]><list><row id="&f;"/></list>',
    OWN_ENTITIES,
    [],
  ],
  [
    'elements without an end',
    `${GOOD}${'<a>'.repeat(300_000)}`,
    'more than 100 elements in each other (line 2)',
    ['1'],
  ],
  [
    'a text without an end',
    `${GOOD}<row id="2">${'x'.repeat(4 * MIB)}`,
    `a text of more than ${MIB} characters (line 2)`,
    ['1'],
  ],
  [
    'an attribute without an end',
    `${GOOD}<row id="${'x'.repeat(4 * MIB)}`,
    `a text of more than ${MIB} characters (line 2)`,
    ['1'],
  ],
  [
    'a comment without an end',
    `${GOOD}<!--${'x'.repeat(4 * MIB)}`,
    `a text of more than ${MIB} characters (line 2)`,
    ['1'],
  ],
  ['a file cut off', `${GOOD}<row id="2"`, 'it ends before its document does (line 2)', ['1']],
  [
    'elements closed otherwise',
    `${GOOD}<row id="2"><a></b></row></list>`,
    'it is no XML: unexpected close tag (line 2)',
    ['1'],
  ],
  [
    'something behind the document',
    `${GOOD}</list><list/>`,
    'it is no XML: documents may contain only one root (line 2)',
    ['1'],
  ],
  ['another document', '<html><body><row id="1"/></body></html>', null, []],
  ['no XML at all', 'id,name\n1,one', 'it is no XML: text data outside of root node (line 2)', []],
  ['nothing', '', 'it is no XML: document must contain a root element (line 1)', []],
])('a file with %s is named, and what is good of it kept', async (_, content, fault, ids) => {
  const { source } = await oneFileAtPath(content);
  expect(source.stats?.()).toMatchObject({ files: [{ file: 'a.xml', fault }] });
  expect((await rowsOf(source)).map((row) => row['id'])).toEqual(ids);
});

test('a record with an entity that nobody knows, a sign that cannot be or too much in it takes no other along', async () => {
  const many = '<size>1</size>'.repeat(160_000);
  const { source, aside } = await oneFileAtPath(
    `<list>\n<row id="1"/>\n<row id="2"><name>&nbsp;</name></row>\n<row id="3">\u0001</row>\n<row id="4">${many}</row>\n<row id="5"/></list>`,
  );
  expect((await aside()).map(({ line, reason }) => [line, reason])).toEqual([
    [3, 'undefined entity'],
    [4, 'disallowed character'],
    [5, `longer than a record may be: ${MIB} characters`],
  ]);
  expect((await rowsOf(source)).map((row) => row['id'])).toEqual(['1', '5']);
});

const CHINESE = Buffer.from('b1b1beacd5beb5c4b3a4b3c7c9ccb5ead4dad6d0b9fac6f3d2b5', 'hex');

test.each<[string, Buffer, string]>([
  ['UTF-8 with a mark', Buffer.from('\ufeff<l><r id="1" name="Żółć 北京"/></l>'), 'utf-8'],
  [
    'UTF-8 that says otherwise',
    Buffer.from('<?xml version="1.0" encoding="GBK"?><l><r id="1" name="北京"/></l>'),
    'utf-8',
  ],
  [
    'UTF-16',
    Buffer.from('\ufeff<?xml version="1.0" encoding="UTF-16"?><l><r id="1" name="Żółć"/></l>', 'utf16le'),
    'utf-16le',
  ],
  [
    'what it says',
    Buffer.concat([
      Buffer.from(`<?xml version="1.0" encoding='gb2312' ?><l><r id="1" name="`),
      CHINESE,
      Buffer.from('"/></l>'),
    ]),
    'gbk',
  ],
  [
    'Windows 1252 that says UTF-8',
    Buffer.from(
      '<?xml version="1.0" encoding="UTF-8"?><l><r id="1" name="Stra\xdfe der G\xe4rten gr\xfc\xdfe"/></l>',
      'latin1',
    ),
    'windows-1252',
  ],
])('a file in %s is read as what it is', async (_, content, encoding) => {
  const { source } = await oneFile(content);
  const name = /name="([^"]+)"/.exec(new TextDecoder(encoding).decode(content))?.[1];
  expect(await rowsOf(source, ['name'])).toEqual([{ id: '1', name }]);
  expect(source.stats?.()).toMatchObject({ files: [{ encoding, fault: null }] });
});
