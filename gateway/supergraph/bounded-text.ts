/** A body's text. @throws Error where it has more bytes than `reload.maxBytes`; its message says so */
export async function readBoundedText(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`it has more bytes than reload.maxBytes allows, which is ${maxBytes}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
