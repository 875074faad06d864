import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Where something is to be reached. */
export interface Door {
  readonly address: string;
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';

/** Lets a TCP port of loopback be reached at a door as well; ends with the process. */
export async function forwardTcp({ address, port }: Door, toPort: number): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: toPort, host: LOOPBACK, allowHalfOpen: true });
    const end = (socket: Socket): void => void socket.resetAndDestroy();
    near.setNoDelay(true).on('error', () => end(far));
    far.setNoDelay(true).on('error', () => end(near));
    near.pipe(far).pipe(near);
  });
  server.listen(port, address);
  await once(server, 'listening');
}

/** Lets a UDP port of loopback be reached at a door as well; each client has a socket of its own. */
export async function forwardUdp({ address, port }: Door, toPort: number): Promise<void> {
  const front = createSocket('udp4');
  const backs = new Map<string, UdpSocket>();
  front.on('message', (datagram, client) => {
    const key = `${client.address}:${client.port}`;
    let back = backs.get(key);
    if (!back) {
      back = createSocket('udp4');
      back.on('message', (reply) => front.send(reply, client.port, client.address));
      backs.set(key, back);
    }
    back.send(datagram, toPort, LOOPBACK);
  });
  front.bind(port, address);
  await once(front, 'listening');
}
