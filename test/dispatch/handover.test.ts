import { expect, onTestFinished, test, vi } from 'vitest';
import { resolveConfig } from '../../gateway/config/config.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { startGateway, type RunningGateway } from '../../gateway/start.ts';
import { activate, ARREARS, openOffice, register, runNow, whenRun, type DispatchOffice } from './office.ts';

/** A gateway that carries out what another one only keeps. */
async function carrier(office: DispatchOffice): Promise<RunningGateway> {
  const supergraph = office.federation.supergraphFile;
  const dispatch = { ...office.settings.dispatch, carriesOut: true };
  const config = resolveConfig({ ...office.settings, supergraph, http: { port: 0 }, dispatch }, {});
  return startGateway(config, createLog({ write: () => undefined }));
}

test('A gateway that stops lets go of the run that it is at, without waiting for departments, and another goes on with it', async () => {
  const office = await openOffice({ dispatch: { carriesOut: false, leaseMs: 3_600_000 } });
  onTestFinished(() => office.close());
  register(office, 2);
  const id = await activate(office, ARREARS);
  const { promise: answering, resolve: answer } = Promise.withResolvers<void>();
  office.held.until = answering;
  onTestFinished(() => answer());
  const first = await carrier(office);
  const before = office.asked.times;
  await runNow(office, id);
  await vi.waitUntil(() => office.asked.times > before, { timeout: 10_000 });
  const beganMs = performance.now();
  await first.close();
  expect(performance.now() - beganMs).toBeLessThan(5_000);
  office.held.until = undefined;
  answer();
  const second = await carrier(office);
  onTestFinished(() => second.close());
  expect(await whenRun(office, [id, 1], 'DELIVERED')).toMatchObject({ attempt: 2, rows: 2 });
});
