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
  expect(await printPdf('<p>page</p>', to, chromium, systemClock)).toEqual({ ok: true });
  const told = await readFile(to, 'utf8');
  expect(told).toContain('PATH=');
  expect(told).not.toContain('hunter2');
});
