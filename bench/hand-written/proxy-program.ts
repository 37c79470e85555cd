/** A bare proxy that forwards the same bytes: `proxy-program.ts PORT URL`. */
import { Agent, createServer, request as send } from 'node:http';

const [port, url = ''] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const { hostname, port: targetPort, pathname: path } = new URL(url);
const server = createServer((request, response) => {
  const { method, headers } = request;
  const onward = send({ agent, hostname, port: targetPort, path, method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
});
server.keepAliveTimeout = 3_600_000;
server.listen(Number(port), '127.0.0.1');
