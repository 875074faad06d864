import { createSocket } from 'node:dgram';
import type { Endpoint } from './bound-exchange.ts';

/** The address of this machine that a peer sees, or why there is none. */
export type OwnAddress =
  { readonly kind: 'address'; readonly address: string } | { readonly kind: 'failed'; readonly error: Error };

/** The address from which this machine would speak to an IPv4 peer, by its routes. Nothing is sent. */
export function ownAddressTo({ address, port }: Endpoint): Promise<OwnAddress> {
  const { promise, resolve } = Promise.withResolvers<OwnAddress>();
  const socket = createSocket('udp4');
  socket.connect(port, address, (error?: Error) => {
    resolve(error ? { kind: 'failed', error } : { kind: 'address', address: socket.address().address });
    socket.close();
  });
  return promise;
}
