import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** Questions and answers of a process that takes part in a benchmark. */
export type Conversation = Readonly<Record<string, { readonly ask: unknown; readonly answer: unknown }>>;

interface Question {
  readonly name: string;
  readonly ask: unknown;
}

/** A process of a benchmark's own, so that what it costs is not counted with what is measured. */
export class HelperProcess<Talk extends Conversation> {
  readonly #child: ChildProcess;

  /** Runs a module of this folder, the runtime with these flags. */
  constructor(module: string, flags: readonly string[] = []) {
    const env = { ...process.env, MALLOC_ARENA_MAX: '1' };
    this.#child = fork(new URL(module, import.meta.url), { execArgv: [...flags], env });
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error('the process did not start');
    return pid;
  }

  /** Asks, and waits for the answer; one question at a time. Rejects when the process ends instead. */
  async ask<Name extends keyof Talk & string>(
    name: Name,
    ask: Talk[Name]['ask'],
  ): Promise<Talk[Name]['answer']> {
    const ended = new AbortController();
    const exit = once(this.#child, 'exit', { signal: ended.signal }).then(([code]) => {
      throw new Error(`the process ended with ${String(code)} when asked for ${name}`);
    });
    const answer = once(this.#child, 'message', { signal: ended.signal });
    this.#child.send({ name, ask } satisfies Question);
    try {
      const [message] = await Promise.race([answer, exit]);
      return message as Talk[Name]['answer'];
    } finally {
      ended.abort();
      await Promise.allSettled([exit, answer]);
    }
  }

  /** Holds the process where it is; {@link resume} lets it go on. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends the process and waits for that. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

/** The other side: answers what the process is asked. A rejection ends the process. */
export function answer<Talk extends Conversation>(answers: {
  readonly [Name in keyof Talk & string]: (
    ask: Talk[Name]['ask'],
  ) => Promise<Talk[Name]['answer']> | Talk[Name]['answer'];
}): void {
  process.on('message', ({ name, ask }: Question) => {
    const reply = answers[name as keyof Talk & string];
    void Promise.try(() => reply(ask)).then((message) => process.send?.(message ?? null));
  });
  process.on('disconnect', () => process.exit());
}
