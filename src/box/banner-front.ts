import { createServer } from 'node:net';
import { listenTcp } from './listener.ts';
import type { Door } from './service.ts';

/** Listens for TCP connections and greets each with one line. Broken, it resets them. */
export function bannerFront(banner: string): Door {
  return (port, conduct) => {
    const server = createServer((socket) => {
      // What the client says is not looked at, but must be taken for its end to be seen.
      socket.resume();
      conduct.answer(
        () => socket.write(`${banner}\r\n`),
        () => socket.resetAndDestroy(),
      );
    });
    return listenTcp(server, port);
  };
}
