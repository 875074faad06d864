import { once } from 'node:events';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { Namespace, NamespaceProcess } from '../servers/netns.ts';

/** As a niceness. */
const FIRST = -15;

/** A program that runs in a network namespace until it is stopped. */
export interface Inside {
  readonly process: NamespaceProcess;
  /** Has it run before others, as if on a machine of its own. */
  goFirst(): void;
  stop(): Promise<void>;
}

/** Starts a program in a namespace; resolves once it has printed a line on either stream, rejects when it ends first. */
export async function startInside(
  namespace: Namespace,
  program: string,
  ...args: readonly string[]
): Promise<Inside> {
  const child = namespace.spawn(program, ...args);
  const ended = once(child, 'close');
  const lines = [child.stdout, child.stderr].map((input) => once(createInterface({ input }), 'line'));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  const first = await Promise.race([...lines, ended.then(() => undefined)]);
  if (first === undefined) throw new Error(`${program} ${args.join(' ')} ended without a line`);
  const goFirst = (): void => setPriority(child.pid ?? 0, FIRST);
  return { process: child, goFirst, stop };
}

const LISTENER = `
  for (const port of process.argv.slice(1)) {
    require('node:net').createServer((socket) => socket.resume().on('error', () => {}))
      .listen(Number(port), () => console.log(port));
  }
`;

/** Listens on TCP ports of all addresses of a namespace. */
export function listenInside(namespace: Namespace, ...ports: readonly number[]): Promise<Inside> {
  return startInside(namespace, process.execPath, '-e', LISTENER, ...ports.map(String));
}
