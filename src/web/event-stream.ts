import type { ServerResponse } from 'node:http';
import type { CancelTimer, Clock } from '../core/clock.ts';
import { type Evaluation, eventJson, type EventJson, memberJson } from './evaluation.ts';

/** How many events are remembered. */
const REMEMBERED = 1_000;
/** How many may follow at a time. */
const MOST_FOLLOWERS = 200;
/** After how long a client that lost us should come back. */
const RETRY_MS = 3_000;
/** A connection on which nothing is said for so long is taken for dead by proxies, and by us. */
const HEARTBEAT_MS = 15_000;
/** An evaluation that changed nothing is told this seldom. */
const QUIET_TELL_MS = 5_000;
/** What may wait for one who reads too slowly. */
const MOST_WAITING_BYTES = 1_048_576;

/**
 * The events of this run of the daemon, and those who follow them live (server-sent events, HTML Living Standard §9.2).
 * Messages: `evaluation` with the members whose figures have changed since the one before (all of them to one who has
 * just come), an event by its kind, with its id, and `lost` to one who comes back with an id that is no longer
 * remembered. Each message is made once, however many follow.
 */
export class EventStream {
  readonly #clock: Clock;
  readonly #run: string;
  readonly #events: EventJson[] = [];
  readonly #followers = new Set<ServerResponse>();
  readonly #figures = new Map<string, string>();
  #count = 0;
  #at = '';
  #toldMs = -Infinity;
  #isClosed = false;
  #cancelBeat: CancelTimer = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#run = clock.wallMs().toString(36);
  }

  /** The latest events, the last one last; those after the one with this id where it is remembered. */
  events(limit: number, afterId?: string): readonly EventJson[] {
    const after = this.#events.findIndex(({ id }) => id === afterId);
    const later = this.#events.slice(after + 1);
    return after < 0 ? later.slice(-limit) : later.slice(0, limit);
  }

  get followers(): number {
    return this.#followers.size;
  }

  /** Tells an evaluation to all who follow. */
  publish({ atMs, verdicts, events }: Evaluation): void {
    const changed = this.#changedMembers(verdicts);
    this.#at = new Date(atMs).toISOString();
    const fresh = events.map((event) => eventJson(event, `${this.#run}-${++this.#count}`));
    this.#events.push(...fresh);
    this.#events.splice(0, this.#events.length - REMEMBERED);
    if (this.#followers.size === 0) return;
    const nowMs = this.#clock.monotonicMs();
    const isDue = changed.length > 0 || nowMs - this.#toldMs >= QUIET_TELL_MS;
    if (isDue) this.#toldMs = nowMs;
    const text = fresh.map(eventMessage).join('') + (isDue ? this.#evaluationMessage(changed) : '');
    if (text !== '') this.#tell(text);
  }

  /** Lets one follow until it goes, or we do. False when too many do. */
  follow(outgoing: ServerResponse, headers: Readonly<Record<string, string>>, lastId?: string): boolean {
    if (this.#isClosed || this.#followers.size >= MOST_FOLLOWERS) return false;
    outgoing.writeHead(200, {
      ...headers,
      'Content-Type': 'text/event-stream; charset=utf-8',
      // Nginx would keep what we say until there is more of it.
      'X-Accel-Buffering': 'no',
    });
    outgoing.write(`retry: ${RETRY_MS}\n\n${this.#missed(lastId)}${this.#evaluationMessage(this.#all())}`);
    this.#followers.add(outgoing);
    outgoing.once('close', () => this.#forget(outgoing));
    if (this.#followers.size === 1) this.#beat();
    return true;
  }

  /** Ends every connection; those who follow come back, if there is somebody to come back to. */
  dismiss(): void {
    for (const outgoing of this.#followers) outgoing.end();
  }

  /** Ends every connection, and lets nobody follow any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancelBeat();
    this.dismiss();
  }

  #changedMembers(verdicts: Evaluation['verdicts']): readonly string[] {
    const gone = new Set(this.#figures.keys());
    const changed: string[] = [];
    for (const verdict of verdicts) {
      const figures = JSON.stringify(memberJson(verdict));
      const key = JSON.stringify([verdict.row, verdict.scope, verdict.reading]);
      gone.delete(key);
      if (this.#figures.get(key) === figures) continue;
      this.#figures.set(key, figures);
      changed.push(figures);
    }
    for (const key of gone) this.#figures.delete(key);
    return changed;
  }

  #all(): readonly string[] {
    return [...this.#figures.values()];
  }

  #evaluationMessage(members: readonly string[]): string {
    if (this.#at === '') return '';
    return `event: evaluation\ndata: {"at":"${this.#at}","members":[${members.join(',')}]}\n\n`;
  }

  #missed(lastId: string | undefined): string {
    if (lastId === undefined) return '';
    const isKnown = this.#events.some(({ id }) => id === lastId);
    return isKnown ? this.events(REMEMBERED, lastId).map(eventMessage).join('') : 'event: lost\ndata: {}\n\n';
  }

  #tell(text: string): void {
    for (const outgoing of this.#followers) {
      if (outgoing.writableLength > MOST_WAITING_BYTES) outgoing.destroy();
      else outgoing.write(text);
    }
  }

  #forget(outgoing: ServerResponse): void {
    this.#followers.delete(outgoing);
    if (this.#followers.size === 0) this.#cancelBeat();
  }

  #beat(): void {
    this.#cancelBeat = this.#clock.after(HEARTBEAT_MS, () => {
      this.#tell(': still here\n\n');
      this.#beat();
    });
  }
}

/** JSON has no line breaks of its own, so that nothing said in it can end the message. */
function eventMessage(event: EventJson): string {
  return `id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}
