import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { findChromium, printPdf } from '../../src/report/print-pdf.ts';

/** Prints what it was told of its surroundings in place of a page. */
const TELLING = `#!/bin/sh
for each in "$@"; do case "$each" in --print-to-pdf=*) env > "\${each#--print-to-pdf=}";; esac; done
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigie-pdf-'));
  process.env['VIGIE_TEST_SECRET'] = 'hunter2';
});
afterEach(async () => {
  delete process.env['VIGIE_TEST_SECRET'];
  await rm(folder, { recursive: true });
});

it('printPdf tells the program that prints no secret of our environment', async () => {
  await writeFile(join(folder, 'chromium'), TELLING, { mode: 0o755 });
  const chromium = findChromium(folder) ?? '';
  const to = join(folder, 'page.pdf');
  const { signal } = new AbortController();
  expect(await printPdf('<p>page</p>', to, chromium, { clock: systemClock, signal })).toEqual({ ok: true });
  const told = await readFile(to, 'utf8');
  expect(told).toContain('PATH=');
  expect(told).not.toContain('hunter2');
});

it('printPdf ends the program when it is stopped, and at once when it was before', async () => {
  await writeFile(join(folder, 'chromium'), `#!/bin/sh\ntouch ${folder}/began; exec sleep 50\n`, {
    mode: 0o755,
  });
  const stopping = new AbortController();
  const print = (): Promise<unknown> =>
    printPdf('', join(folder, 'page.pdf'), join(folder, 'chromium'), {
      clock: systemClock,
      signal: stopping.signal,
    });
  const printed = print();
  await expect.poll(() => existsSync(join(folder, 'began'))).toBe(true);
  stopping.abort();
  const stopped = { ok: false, detail: 'vigie was stopped before it was printed' };
  expect(await printed).toEqual(stopped);
  expect(await print()).toEqual(stopped);
});
