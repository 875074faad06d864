import { createServer, type Server, type Socket } from 'node:net';
import { framed, unframed } from '../../probes/wire/dns.ts';
import type { Conduct } from './conduct.ts';
import { dnsAnswer } from './dns-answer.ts';
import { type Listener, listenTcp, listenUdp } from './listener.ts';
import type { BoxService } from './service.ts';

/** The resolver of the region, over UDP and TCP on one port (RFC 1035 §4.2). Broken, it answers SERVFAIL. */
export const dns = {
  name: 'dns',
  summary: 'DNS resolver, over UDP and TCP',
  port: 21_053,
  faults: ['down', 'silent', 'slow', 'wrong'],
  async listen(port, conduct): Promise<Listener> {
    const udp = await listenUdp(port, (message, reply) => respond(conduct, message, reply));
    try {
      const tcp = await listenTcp(streamServer(conduct), port);
      return {
        async close() {
          await Promise.all([udp.close(), tcp.close()]);
        },
      };
    } catch (error) {
      await udp.close();
      throw error;
    }
  },
} as const satisfies BoxService;

function respond(conduct: Conduct, message: Buffer, reply: (answer: Buffer) => void): void {
  const answer = (broken: boolean): void => {
    const bytes = dnsAnswer(message, broken);
    if (bytes) reply(bytes);
  };
  conduct.answer(
    () => answer(false),
    () => answer(true),
  );
}

/** Far more than a query needs, in bytes. */
const LARGEST_BACKLOG_BYTES = 4_096;

function streamServer(conduct: Conduct): Server {
  return createServer((socket) => {
    let backlog = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      backlog = Buffer.concat([backlog, chunk]);
      for (const message of unframed(backlog)) {
        backlog = backlog.subarray(2 + message.length);
        respond(conduct, Buffer.from(message), (answer) => write(socket, answer));
      }
      if (backlog.length > LARGEST_BACKLOG_BYTES) socket.destroy();
    });
  });
}

function write(socket: Socket, answer: Buffer): void {
  if (socket.writable) socket.write(framed(answer));
}
