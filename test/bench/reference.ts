import { connect } from 'node:net';
import { answer } from './helper-process.ts';
import { quantile } from './figure.ts';

/** What is asked of a process that shows what this machine allows at the moment: bare timers and bare requests. */
export type ReferenceTalk = {
  readonly look: {
    readonly ask: { readonly port: number; readonly forMs: number };
    readonly answer: {
      /** How late bare timers fired. */
      readonly timerLateP50Ms: number;
      readonly timerLateP99Ms: number;
      /** Latency of a bare HTTP exchange on a connection of its own. */
      readonly latencyP50Ms: number;
      readonly latencyP99Ms: number;
    };
  };
};

const BEAT_MS = 10;
const REQUEST = 'GET /reference HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n';

function exchange(port: number): Promise<number> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(REQUEST));
    socket.on('data', () => {
      resolve(performance.now() - startedMs);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

answer<ReferenceTalk>({
  async look({ port, forMs }) {
    const [lateMs, latencyMs]: [number[], number[]] = [[], []];
    const endMs = performance.now() + forMs;
    while (performance.now() < endMs) {
      const dueMs = performance.now() + BEAT_MS;
      await new Promise((resolve) => setTimeout(resolve, BEAT_MS));
      lateMs.push(Math.max(0, performance.now() - dueMs));
      latencyMs.push(await exchange(port));
    }
    return {
      timerLateP50Ms: quantile(lateMs, 0.5),
      timerLateP99Ms: quantile(lateMs, 0.99),
      latencyP50Ms: quantile(latencyMs, 0.5),
      latencyP99Ms: quantile(latencyMs, 0.99),
    };
  },
});
