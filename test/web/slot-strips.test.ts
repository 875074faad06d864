import { expect, test } from 'vitest';
import type { SlotStrip } from '../../src/web/pages/page-sources.ts';
import { stripsSection } from '../../src/web/pages/slot-strips.ts';
import { en } from '../../src/web/pages/texts/en.ts';
import type { View } from '../../src/web/pages/view.ts';

const VIEW: View = { language: 'en', texts: en, zone: 'UTC', href: (path) => path, asset: (name) => name };
const strip = (check: string): SlotStrip => ({
  check,
  intervalMs: 10_000,
  from: '2026-03-01T00:00:00.000Z',
  vantages: [{ vantage: 'a', slots: ['good', 'absent', 'bad'] }],
});

test('stripsSection says of how many checks it shows slots, where that is not all', async () => {
  const strips = [strip('a'), strip('b')];
  expect(String(await stripsSection(VIEW, strips, 1_300))).toContain('the first 2 of 1,300;');
  expect(String(await stripsSection(VIEW, strips, 2))).not.toContain('the first');
});
