import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../core/clock.ts';
import type { Batch, Exposition, ExpositionFormat, FromExposition, ToExposition } from './batch.ts';

/**
 * Why there is no exposition: `timeout` (not rendered within the deadline), `crashed` (the thread ended; the next
 * rendering starts a new one) or `closed`.
 */
export type RenderTrouble = 'timeout' | 'crashed' | 'closed';

/** What a rendering came to. */
export type Rendering = { readonly exposition: Exposition } | { readonly trouble: RenderTrouble };

/** The thread that owns the prom-client registry, as the main thread sees it. */
export interface ExpositionClient {
  /** Sends a batch; it is in every rendering asked for afterwards. Lost when the thread is down. */
  post(batch: Batch): void;
  /** Never rejects. */
  render(format: ExpositionFormat): Promise<Rendering>;
  /** Starts a new thread when the last one has crashed. True when it did: the new one knows no series. */
  revive(): boolean;
  /** Ends the thread; renderings under way resolve as `closed`. */
  close(): Promise<void>;
}

/** What the client needs. */
export interface ExpositionClientOptions {
  readonly clock: Clock;
  /** How long a rendering may take, in milliseconds. */
  readonly deadlineMs: number;
  /** Told of a crash of the thread: a bug of ours, to be logged. */
  readonly onCrash: (error: Error) => void;
}

/**
 * The garbage of a rendering is kept small: without limits the thread grows by a hundred megabytes before it
 * collects. 100,000 series fit into a quarter of it.
 */
const MEMORY = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 512 };
const THREAD = new URL('./exposition-thread.ts', import.meta.url);

/** Starts the thread. It never keeps the process alive. */
export function createExpositionClient({
  clock,
  deadlineMs,
  onCrash,
}: ExpositionClientOptions): ExpositionClient {
  const waiting = new Map<number, (rendering: Rendering) => void>();
  let nextRequest = 0;
  let isClosed = false;
  let thread: Worker | undefined = start();

  function start(): Worker {
    const worker = new Worker(THREAD, { name: 'metrics', resourceLimits: MEMORY, env: threadEnvironment() });
    worker.unref();
    worker.on('message', ({ request, exposition }: FromExposition) => waiting.get(request)?.({ exposition }));
    worker.on('error', (error: Error) => {
      if (!isClosed) onCrash(error);
    });
    worker.on('exit', () => {
      thread = undefined;
      endAll(isClosed ? 'closed' : 'crashed');
    });
    return worker;
  }

  function endAll(trouble: RenderTrouble): void {
    for (const end of waiting.values()) end({ trouble });
  }

  function send(message: ToExposition, transfer: readonly ArrayBuffer[] = []): void {
    thread?.postMessage(message, transfer);
  }

  return {
    post: (batch) => send({ kind: 'batch', batch }, [batch.ids.buffer, batch.values.buffer]),
    render(format) {
      if (!thread) return Promise.resolve({ trouble: isClosed ? 'closed' : 'crashed' });
      const request = nextRequest++;
      return new Promise((resolve) => {
        const end = (rendering: Rendering): void => {
          cancelDeadline();
          waiting.delete(request);
          resolve(rendering);
        };
        const cancelDeadline = clock.after(deadlineMs, () => end({ trouble: 'timeout' }));
        waiting.set(request, end);
        send({ kind: 'render', request, format });
      });
    },
    revive() {
      if (thread || isClosed) return false;
      thread = start();
      return true;
    },
    async close() {
      isClosed = true;
      endAll('closed');
      await thread?.terminate();
    },
  };
}

/** Nothing of our environment, secrets least of all; with the compile cache in use the thread saves 20 MB. */
function threadEnvironment(): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir();
  return cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) };
}
