import { createServer, type AddressInfo } from 'node:net';

/**
 * Finds a port for a program that cannot choose one by itself.
 *
 * @param port 0 for any free one
 * @throws the system's error when it is taken
 */
export function reservePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(port, '127.0.0.1', () => {
      const { port: free } = probe.address() as AddressInfo;
      probe.close(() => resolve(free));
    });
  });
}
