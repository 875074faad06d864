import { createS3Clients } from '../../probes/lib/s3-client.ts';
import { SigningGates } from '../../probes/lib/outscale-gate.ts';
import type { S3Answer, S3Call } from '../../probes/lib/s3-step.ts';
import type { BucketSettings } from '../../probes/lib/s3-settings.ts';
import { decodeListing } from '../../probes/wire/s3.ts';
import type { Clock } from '../core/clock.ts';
import type { ArchiveFiles } from '../evidence/archive-files.ts';

/** How long one operation may take. */
const DEADLINE_MS = 60_000;
const LARGEST_FILE_BYTES = 512 * 1_024 * 1_024;
const LISTED = 1_000;
const LISTING_BYTES = LISTED * 4_096;

/** An operation on the bucket did not succeed; the message says which, and what was answered. */
export class BucketError extends Error {
  override readonly name = 'BucketError';
}

/** An archive in a bucket. */
export interface BucketFiles extends ArchiveFiles {
  close(): Promise<void>;
}

/**
 * An archive in a bucket of S3, under a prefix. A PUT of S3 replaces an object whole or not at all, and is durable when it
 * is answered. Every method rejects with a {@link BucketError}.
 */
export function bucketFiles(settings: BucketSettings, prefix: string, clock: Clock): BucketFiles {
  const clients = createS3Clients(new SigningGates());
  const client = clients.client(settings);
  const send = async (call: S3Call): Promise<S3Answer> => {
    const deadline = new AbortController();
    const cancel = clock.after(DEADLINE_MS, () => deadline.abort());
    const session = client.open(deadline.signal, clock);
    try {
      const step = await session.send(call);
      if (step.kind === 'ended') throw new BucketError(step.reading.detail ?? `${step.label}: no answer`);
      return step;
    } finally {
      session.end();
      cancel();
    }
  };
  return {
    async read(name) {
      const answer = await send({ method: 'GET', key: `${prefix}${name}`, maxBody: LARGEST_FILE_BYTES });
      if (answer.status === 404 && answer.code === 'NoSuchKey') return undefined;
      return requireOk(answer).body;
    },
    async write(name, content) {
      const body = Buffer.from(content);
      requireOk(await send({ method: 'PUT', key: `${prefix}${name}`, body, maxBody: 0 }));
    },
    async list() {
      const names: string[] = [];
      for (let marker: string | undefined = '', more = true; more;) {
        const query = { 'max-keys': String(LISTED), prefix, ...(marker === '' ? {} : { marker }) };
        const answer = requireOk(await send({ method: 'GET', key: '', query, maxBody: LISTING_BYTES }));
        const listing = decodeListing(answer.body);
        if (!listing) throw new BucketError(`${answer.label}: answer is not a list of S3`);
        names.push(...listing.keys.map((key) => key.slice(prefix.length)));
        marker = listing.keys.at(-1) ?? '';
        more = listing.truncated && marker !== '';
      }
      return names.sort();
    },
    close: () => clients.close(),
  };
}

function requireOk(answer: S3Answer): S3Answer {
  if (answer.status >= 200 && answer.status <= 299) return answer;
  throw new BucketError(`${answer.label}: ${answer.status} ${answer.code}`.trimEnd());
}
