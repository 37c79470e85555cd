import { expect, onTestFinished, test } from 'vitest';
import { resolveConfig, type ConfigInput } from '../../gateway/config/config.ts';
import type { Channel } from '../../gateway/fetch/channel.ts';
import { Departments } from '../../gateway/fetch/departments.ts';
import type { SubgraphTransport } from '../../gateway/fetch/department.ts';
import { transportsOf } from '../../gateway/fetch/transports.ts';
import { serveBare } from '../kit/department.ts';

function transport(url: string, config: ConfigInput = {}): SubgraphTransport {
  return transportsOf(new Map([['tax', url]]), resolveConfig(config, {})).get('tax')!;
}

const departments = (): Departments => new Departments(resolveConfig({}, {}));

test('a department that is asked in the same way is one, and another where anything of that differs', () => {
  const all = departments();
  const first = all.hold('tax', transport('http://tax.test/'));
  expect(all.hold('tax', transport('http://tax.test/'))).toBe(first);
  expect(all.hold('power', transport('http://tax.test/'))).not.toBe(first);
  expect(all.hold('tax', transport('http://other.test/'))).not.toBe(first);
  expect(all.hold('tax', transport('http://tax.test/', { allSubgraphs: { timeoutMs: 1 } }))).not.toBe(first);
  expect(all.hold('tax', { ...transport('http://tax.test/'), sign: () => ({}) })).not.toBe(first);
});

test('its connections are kept until the last has let go of it', async () => {
  const ports = new Set<number | undefined>();
  const { url, close } = await serveBare((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('{}');
  });
  onTestFinished(close);
  const all = departments();
  const kept = all.hold('tax', transport(url));
  for (let time = 0; time < 3; time += 1) {
    const department = all.hold('tax', transport(url));
    await sendOn(department.channel);
    await all.release(department);
  }
  expect(ports.size).toBe(1);
  await all.release(kept);
  await expect(sendOn(kept.channel)).rejects.toThrow('the channel is closed');
});

/** Sends a request; resolves once it is answered. */
function sendOn(channel: Channel): Promise<void> {
  return new Promise((resolve, reject) =>
    channel.send('{}', {
      isOver: false,
      endsAtMs: performance.now() + 10_000,
      onStart: () => undefined,
      onHead: () => undefined,
      onBytes: () => undefined,
      onEnd: resolve,
      onError: reject,
    }),
  );
}
