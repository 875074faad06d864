import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LEDGERS, type Ledger, type NewLedgerEntry } from '../../src/window/ledger.ts';

/** Books under test, empty at first. */
export interface LedgerSubject {
  /** One more handle on the same books. */
  open(): Promise<Ledger & { close(): Promise<void> }>;
  /**
   * How another process opens them: a module that exports `openLedger(target: string)`, which resolves with what
   * {@link LedgerSubject.open} does. Absent where other processes cannot.
   */
  readonly elsewhere?: { readonly module: string; readonly target: string };
  /** Ends whatever is open, and cleans up. */
  dispose(): Promise<void>;
}

const said = (key: string, json = `{"said":"${key}"}`, atMs = 1_790_000_000_000): NewLedgerEntry => ({
  key,
  atMs,
  json,
});

const ALONE = 'no other process can open it';

/** What every ledger must do. */
export function ledgerContract(name: string, make: () => Promise<LedgerSubject>): void {
  describe(`Ledger contract: ${name}`, () => {
    let subject: LedgerSubject;
    let ledger: Ledger;
    const children: ChildProcess[] = [];
    beforeEach(async () => {
      subject = await make();
      ledger = await subject.open();
    });
    afterEach(async () => {
      for (const child of children.splice(0)) await killed(child);
      await subject.dispose();
    });

    it('append says what was written; entries gives it back as it was said, from 1 on, in order', async () => {
      const texts = [said('b', '{"é":"☃\\u0000\'"}', 0), said('a', '', 8_640_000_000_000_000), said('c')];
      expect(await ledger.append('exclusions', texts)).toEqual([true, true, true]);
      expect(await ledger.entries('exclusions', 0)).toEqual(
        texts.map((entry, i) => ({ ...entry, sequence: i + 1 })),
      );
      expect(await ledger.entries('exclusions', 2)).toEqual([{ ...said('c'), sequence: 3 }]);
      expect(await ledger.entries('exclusions', 3)).toEqual([]);
    });

    it('append is idempotent by key: what is there stays as it is, and no sequence number is spent', async () => {
      await ledger.append('tickets', [said('a', 'first')]);
      const more = [said('a', 'other', 7), said('b'), said('b', 'twice in one call')];
      expect(await ledger.append('tickets', more)).toEqual([false, true, false]);
      expect(await ledger.append('tickets', more)).toEqual([false, false, false]);
      expect(await ledger.entries('tickets', 0)).toEqual([
        { ...said('a', 'first'), sequence: 1 },
        { ...said('b'), sequence: 2 },
      ]);
      await ledger.append('tickets', [said('c')]);
      expect((await ledger.entries('tickets', 2)).map(({ sequence }) => sequence)).toEqual([3]);
    });

    it('append of nothing writes nothing', async () => {
      expect(await ledger.append('audit', [])).toEqual([]);
      expect(await ledger.entries('audit', 0)).toEqual([]);
    });

    it('each ledger counts for itself and has keys of its own', async () => {
      for (const book of LEDGERS) expect(await ledger.append(book, [said('a', book)])).toEqual([true]);
      for (const book of LEDGERS)
        expect(await ledger.entries(book, 0)).toEqual([{ ...said('a', book), sequence: 1 }]);
    });

    it('append takes thousands of entries and long texts in one call', async () => {
      const many = Array.from({ length: 3_000 }, (_, i) => said(`k${i}`, 'x'.repeat(i % 500)));
      expect((await ledger.append('tickets', many)).every(Boolean)).toBe(true);
      const read = await ledger.entries('tickets', 0);
      expect(read.map(({ key }) => key)).toEqual(many.map(({ key }) => key));
    });

    it('entries sees at once what another handle has appended', async () => {
      const other = await subject.open();
      await other.append('audit', [said('a')]);
      expect(await ledger.entries('audit', 0)).toEqual([{ ...said('a'), sequence: 1 }]);
      await ledger.append('audit', [said('b')]);
      expect((await other.entries('audit', 1)).map(({ key }) => key)).toEqual(['b']);
      await other.close();
    });

    it('a handle that was closed rejects; the others go on', async () => {
      const other = await subject.open();
      await other.append('audit', [said('a')]);
      await other.close();
      await other.close();
      await expect(other.append('audit', [said('b')])).rejects.toBeInstanceOf(Error);
      await expect(other.entries('audit', 0)).rejects.toBeInstanceOf(Error);
      expect(await ledger.entries('audit', 0)).toHaveLength(1);
    });

    it('appends of several handles at once: each key once, numbered without a gap', async () => {
      const others = await Promise.all([subject.open(), subject.open()]);
      const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
      const results = await Promise.all(
        keys.flatMap((key, i) =>
          [ledger, ...others].map((one) =>
            one.append('tickets', [said(key), said(`${key}-${i % 3}`, 'second')]),
          ),
        ),
      );
      expect(results.flat().filter(Boolean)).toHaveLength(80);
      assertGapless(await ledger.entries('tickets', 0), 80);
      await Promise.all(others.map((one) => one.close()));
    });

    it('appends of two processes at once: nothing is lost, nothing is there twice', async (context) => {
      if (!subject.elsewhere) return context.skip(ALONE);
      const writers = [await start('one', 120), await start('two', 120)];
      for (const writer of writers) writer.go();
      for (const writer of writers) expect(await writer.ended).toBe(0);
      const entries = await ledger.entries('tickets', 0);
      // Each call of a writer says two things of its own and one that the other says, too.
      assertGapless(entries, 2 * 240 + 120);
      const torn = entries.filter(
        ({ key }, i) => key.endsWith('-second') && entries[i - 1]?.key !== key.replace('-second', '-first'),
      );
      expect(torn, 'the entries of a call stay together').toEqual([]);
    });

    it('what a killed process was told to be written is there, every call whole or not at all', async (context) => {
      if (!subject.elsewhere) return context.skip(ALONE);
      let acknowledged = 0;
      for (let round = 0; round < 4; round++) {
        const writer = await start(`round${round}`, 1_000_000);
        writer.go();
        const last = await writer.acknowledged(25 + round * 7);
        writer.kill();
        await writer.ended;
        acknowledged += last;
        const entries = await ledger.entries('tickets', 0);
        const own = entries.filter(({ key }) => key.startsWith(`round${round}-`));
        expect(own.length).toBeGreaterThanOrEqual(last * 2);
        expect(own.length % 2).toBe(0);
      }
      expect(acknowledged).toBeGreaterThan(100);
      const entries = await ledger.entries('tickets', 0);
      assertGapless(entries, entries.length);
      expect(await ledger.append('tickets', [said('after')])).toEqual([true]);
    });

    async function start(prefix: string, calls: number): Promise<Writer> {
      const { module = '', target = '' } = subject.elsewhere ?? {};
      const script = new URL('ledger-appender.ts', import.meta.url).pathname;
      const child = spawn(process.execPath, [script, module, target, prefix, String(calls)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      children.push(child);
      return writerOf(child);
    }
  });
}

function assertGapless(entries: Awaited<ReturnType<Ledger['entries']>>, count: number): void {
  expect(entries.map(({ sequence }) => sequence)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  expect(new Set(entries.map(({ key }) => key)).size).toBe(count);
}

interface Writer {
  readonly go: () => void;
  readonly kill: () => void;
  /** Resolves once so many calls were acknowledged, with how many were by then. */
  readonly acknowledged: (calls: number) => Promise<number>;
  readonly ended: Promise<number | null>;
}

/** A process that has opened the books and waits to be told to append. */
async function writerOf(child: ChildProcess): Promise<Writer> {
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error('a writer without pipes');
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    go: () => void stdin.end('go\n'),
    kill: () => void child.kill('SIGKILL'),
    async acknowledged(calls) {
      for (;;) {
        const { value, done } = await lines.next();
        if (done || Number(value) >= calls) return Number(value);
      }
    },
    ended,
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
