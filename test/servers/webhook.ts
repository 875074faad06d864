import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A notification that Alertmanager sent to a webhook. */
export interface Notification {
  /** The path that it was sent to: the receiver. */
  readonly receiver: string;
  /** When it came, on the monotonic clock, in milliseconds. */
  readonly atMs: number;
  readonly status: 'firing' | 'resolved';
  readonly alerts: readonly {
    readonly status: 'firing' | 'resolved';
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

/** A webhook on loopback that keeps what it is sent. */
export interface Webhook {
  readonly port: number;
  readonly received: readonly Notification[];
  stop(): Promise<void>;
}

/** Starts to listen. */
export async function startWebhook(): Promise<Webhook> {
  const received: Notification[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Pick<Notification, 'status' | 'alerts'>;
      received.push({ ...body, receiver: (request.url ?? '').slice(1), atMs: performance.now() });
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    received,
    async stop() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
