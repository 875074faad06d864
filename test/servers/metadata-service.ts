import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { answer, bytesThenEnd, reset, silence } from './http.ts';
import type { HttpScript } from './http.ts';
import { metadataScript, TOLD } from './metadata.ts';

/**
 * A metadata service at its true address and port, as a program of its own: for a network namespace that has the
 * address 169.254.169.254. Each line of its standard input says how it behaves from then on, and is said back when
 * that is so. It ends with its standard input.
 */
const BEHAVIOURS: Readonly<Record<string, HttpScript>> = {
  answers: metadataScript(),
  silent: silence,
  garbage: bytesThenEnd('this is not HTTP\r\n\r\n'),
  reset,
  page: answer(200, '<html>Please sign in</html>'),
  oversized: answer(200, 'x'.repeat(10_000)),
  failing: answer(503, 'busy'),
  'wrong-instance': metadataScript({ ...TOLD, 'instance-id': 'i-ffffffff' }),
  'no-server': metadataScript({ 'instance-id': 'i-0a1b2c3d', 'placement/availability-zone': 'a' }),
  'no-instance': metadataScript({ 'placement/server': 'in2-ucs1-pr-1' }),
};

let script: HttpScript = silence;

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  let request = '';
  socket.on('data', (chunk) => {
    request += chunk.toString('latin1');
    if (!request.endsWith('\r\n\r\n')) return;
    script(socket, request);
    request = '';
  });
}).listen(80, '169.254.169.254');

for await (const line of createInterface({ input: process.stdin })) {
  script = BEHAVIOURS[line] ?? silence;
  process.stdout.write(`${line}\n`);
}
server.close();
process.exit();
