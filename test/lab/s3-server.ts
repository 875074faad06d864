import { setPriority } from 'node:os';
import { type S3Account, startS3 } from '../servers/s3.ts';
import { SECRET_MARKER } from '../contracts/probing.ts';

/**
 * An S3 service in a process of its own, for another network namespace: `s3-server.ts HOST PORT`. Prints its endpoint. It
 * stands for another machine, and so must not suffer when this one is busy: run it as root.
 */
export const ACCOUNT: S3Account = {
  accessKey: 'AKLAB',
  secretKey: SECRET_MARKER,
  region: 'cloudgouv-eu-west-1',
  bucket: 'lab',
};

const [host, port] = process.argv.slice(2);
if (import.meta.main && host !== undefined) {
  setPriority(-15);
  const { endpoint } = await startS3(ACCOUNT, { host, port: Number(port) });
  process.stdout.write(`${endpoint}\n`);
}
