import { setImmediate } from 'node:timers/promises';
import { html } from 'hono/html';
import { describe, expect, test } from 'vitest';
import { rowsInTurns } from '../../src/web/pages/data-table.ts';

describe('rowsInTurns', () => {
  test('all rows in their order, and whoever waits for the event loop has its turns between', async () => {
    const done: string[] = [];
    const other = async (): Promise<void> => {
      for (let turn = 0; turn < 3; turn++) {
        await setImmediate();
        done.push('other');
      }
    };
    const waiting = other();
    const items = Array.from({ length: 100 }, (_, i) => `row ${i}`);
    const rows = await rowsInTurns(items, (item) => {
      done.push(item);
      return html`${item}`;
    });
    expect(rows.map(String)).toEqual(items);
    const gaps = done.flatMap((what, i) => (what === 'other' ? [i] : []));
    expect(gaps).toEqual([25, 51, 77]);
    await waiting;
  });
});
