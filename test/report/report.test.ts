import { describe, expect, it } from 'vitest';
import type { ClosedPeriod } from '../../src/core/closed-period.ts';
import { csvText } from '../../src/report/csv.ts';
import { durationText, instantText, percentText, shareText } from '../../src/report/figures.ts';
import { html } from '../../src/report/html.ts';
import { reportName, reportText } from '../../src/report/report.ts';
import { contract, FILES, PENALTIES, stagedMarch } from '../closing/staged-month.ts';

const HOSTILE = '<img src=x onerror=alert(1)>"\'&=HYPERLINK("http://e")\u202e\r\nX: y';

async function closed(files = FILES) {
  const stage = await stagedMarch(2_700, files);
  await stage.declare('flood', {
    kind: 'attack',
    from: '2026-03-10T12:00:00Z',
    to: '2026-03-10T12:10:00Z',
    reason: HOSTILE,
    author: '=cmd|calc',
  });
  const by = { author: HOSTILE, from: 'cli' };
  const opened = { ticket: HOSTILE, event: 'opened', severity: 1, complete: true, title: HOSTILE } as const;
  await stage.tickets.take([{ ...opened, atMs: Date.parse('2026-03-10T12:05:00Z') }], by);
  await stage.look();
  await stage.loop.stop();
  const [first] = stage.closed;
  if (!first) throw new Error('nothing was closed');
  return first;
}

describe('reportText', () => {
  it('HTML: a cover in words, each row with figures, incidents, exclusions, tickets, penalties, method and digests', async () => {
    const page = reportText(await closed(), 'html', 'en');
    for (const wanted of [
      'Service levels under &lt;Hosting&gt; &amp; more, 2026-03',
      'Met, even if all that was not seen was bad: 35 min counted, 44 min 34.8 s allowed.',
      'Judged by the year: see the report of the year.',
      'Tickets: 0 met, 1 breached, 0 still going.',
      'Promised: 99.9 % of a month.',
      '2026-03-10 13:00:00 +01:00',
      'timeout',
      'Attack',
      '=cmd|calc',
      'entered after the fact',
      'SHA-256',
      'length 30 d 23 h; share borne 1/1000',
    ])
      expect(page).toContain(wanted);
    expect(page).toMatch(/Met: 35 min<\/td>\s*<td>Breached: 45 min/);
  });

  it('HTML in French, and what is promised and owed', async () => {
    const { closing, text } = await closed({
      ...FILES,
      'contract.yaml': contract(PENALTIES).replace('"99.9"', '"99.99"'),
    });
    const page = reportText({ closing, text }, 'html', 'fr');
    expect(page).toContain('<html lang="fr">');
    expect(page).toContain('Manqué, quoi que cache ce qui n’a pas été observé');
    expect(page).toContain('Promis : 99,99 % du mois.');
    expect(page).not.toMatch(/undefined|NaN|\[object/);
  });

  it('is self-contained, runs nothing, and hostile strings end up as text', async () => {
    const page = reportText(await closed(), 'html', 'en');
    expect(page).toContain("default-src 'none'");
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page).not.toMatch(/<(script|img|link|iframe|object|svg)\b/i);
    expect(page).not.toMatch(/\bsrc=(?!x onerror)|url\(|@import|http-equiv="refresh"/i);
    expect(page).not.toContain('\u202e');
  });

  it('a closing read back from what was kept gives the same bytes; JSON is what was kept, and nothing else', async () => {
    const kept = await closed();
    const again = { closing: JSON.parse(kept.text) as ClosedPeriod, text: kept.text };
    for (const format of ['html', 'csv', 'json'] as const)
      expect(reportText(again, format, 'en')).toBe(reportText(kept, format, 'en'));
    expect(reportText(kept, 'json', 'en')).toBe(`${kept.text}\n`);
    expect(JSON.parse(kept.text)).toEqual(kept.closing);
  });

  it('CSV: a line for each verdict', async () => {
    const lines = reportText(await closed(), 'csv', 'en')
      .trimEnd()
      .split('\r\n');
    const [heading = [], ...rows] = lines.map((line) => line.split(','));
    const [client] = rows.map((row) => Object.fromEntries(heading.map((name, i) => [name, row[i]])));
    expect(rows).toHaveLength(2);
    expect(client).toMatchObject({
      ...{ period: '2026-03', number: '0', row: 'web', reading: 'client', state: 'met' },
      ...{ budget_s: '2674.8', down_estimate_s: '2100', excluded_s: '600', coverage: '1', incidents: '1' },
    });
  });

  it('CSV: all penalties of a verdict, in the columns of one', async () => {
    const cellsOf = async (penalties: string) => {
      const files = { ...FILES, 'contract.yaml': contract(penalties) };
      const stage = await stagedMarch(2_700, files);
      await stage.look();
      await stage.loop.stop();
      const [kept] = stage.closed;
      const lines = kept ? reportText(kept, 'csv', 'en').trimEnd().split('\r\n') : [];
      const [heading = [], ...rows] = lines.map((line) => line.split(','));
      expect(rows).toHaveLength(2);
      for (const row of rows) expect(row).toHaveLength(heading.length);
      return ['penalty_percent', 'penalty_amount', 'claim_by'].map(
        (name) => rows[0]?.[heading.indexOf(name)],
      );
    };
    const tiers = 'tiers: [{ below: "99.9", credit: "10" }], bill: "1000", claimWithin: 30d';
    const more =
      '{ tiers: [{ below: "99.9", credit: "25" }] }, { tiers: [{ below: "99.9", credit: "5" }], bill: "7" }';
    expect(await cellsOf('')).toEqual(['', '', '']);
    expect(await cellsOf(`penalties: [{ ${tiers} }]`)).toEqual(['10', '100.00', '2026-04-30T22:00:00.000Z']);
    expect(await cellsOf(`penalties: [{ ${tiers} }, ${more}]`)).toEqual([
      ...['10 | 25 | 5', '100.00 | – | 0.35', '2026-04-30T22:00:00.000Z | – | –'],
    ]);
  });

  it('an amendment tells both figures, who changed what and when', async () => {
    const stage = await stagedMarch();
    await stage.look();
    await stage.declare('ddos', {
      ...{ kind: 'attack', from: '2026-03-10T12:00:00Z', to: '2026-03-10T12:30:00Z', reason: 'flood' },
    });
    await stage.look();
    await stage.loop.stop();
    const amended = stage.closed[1];
    const page = amended ? reportText(amended, 'html', 'en') : '';
    expect(page).toContain('Exclusion ddos was declared by ann, 2026-04-01 02:30:02 +02:00: flood');
    expect(page).toMatch(/Breached: 45 min, [\d.]+ %<\/td>\s*<td>Met: 15 min, /);
  });
});

describe('reportName', () => {
  it.each([
    [0, '2026-03.html'],
    [2, '2026-03.2.html'],
    [null, '2026-03.provisional.html'],
  ])('of closing %s', (number, expected) => {
    expect(reportName({ period: { name: '2026-03' }, number } as ClosedPeriod, 'html')).toBe(expected);
  });
});

describe('csvText', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['a"b', '"a""b"'],
    ['a,b\r\nc', '"a,b\r\nc"'],
  ])('%j is written as %j', (cell, expected) => {
    expect(csvText(['h'], [[cell]])).toBe(`h\r\n${expected}\r\n`);
  });

  it('leaves numbers as they are', () => {
    expect(csvText(['h'], [[-1.5], [null]])).toBe('h\r\n-1.5\r\n\r\n');
  });
});

describe('figures', () => {
  it.each([
    [0, '0 s'],
    [315_360, '5 min 15.36 s'],
    [94_608_000, '1 d 2 h 16 min 48 s'],
    [-1_500, '−1.5 s'],
  ])('durationText of %d ms', (ms, expected) => {
    expect(durationText(ms, 'en')).toBe(expected);
  });

  it('rounds nothing, and never a part up to the whole', () => {
    expect(percentText('0.999989999', 'en')).toBe('99.9989999 %');
    expect(percentText('1', 'fr')).toBe('100 %');
    expect(percentText('0.005', 'fr')).toBe('0,5 %');
    expect(shareText(999_999, 1_000_000, 'en')).toBe('99.99 %');
    expect(shareText(57, 100, 'en')).toBe('57 %');
  });

  it('tells instants in the zone of the contract, with the offset of that day', () => {
    expect(instantText('2026-03-29T00:59:59.500Z', 'Europe/Paris')).toBe('2026-03-29 01:59:59.500 +01:00');
    expect(instantText('2026-03-29T01:00:00.000Z', 'Europe/Paris')).toBe('2026-03-29 03:00:00 +02:00');
  });
});

describe('html', () => {
  it('escapes texts and not markup, and leaves out what is not there', () => {
    const part = html`<b>${'<'}</b>`;
    expect(html`<p title="${'"\''}">${part}${null}${[1, '&']}</p>`.toString()).toBe(
      '<p title="&quot;&#39;"><b>&lt;</b>1&amp;</p>',
    );
  });
});
