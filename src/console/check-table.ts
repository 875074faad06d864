import { latencyText } from './figures.ts';
import type { LastSeen } from './live-state.ts';
import { oneLine, pad, type Piece, renderLine, type ScreenStyle, type Tone, widthOf } from './style.ts';

const SIGNS: Readonly<Record<LastSeen['outcome'], { readonly sign: string; readonly tone: Tone }>> = {
  good: { sign: '✓', tone: 'good' },
  bad: { sign: '✗', tone: 'bad' },
  excluded: { sign: '○', tone: 'doubtful' },
  absent: { sign: '?', tone: 'doubtful' },
  waiting: { sign: '·', tone: 'quiet' },
};

const GAP = 3;

/**
 * What was seen last of each check, from each vantage where there are several: outcome, cause and latency. In as many
 * columns as fit, to be read downwards.
 */
export function checkTable(checks: readonly LastSeen[], style: ScreenStyle): readonly string[] {
  const several = new Set(checks.map(({ vantage }) => vantage)).size > 1;
  const names = checks.map(({ check, vantage }) => oneLine(several ? `${check} ${vantage}` : check));
  const nameWidth = Math.max(0, ...names.map(widthOf));
  const entries = checks.map((seen, index) => entry(names[index] ?? '', nameWidth, seen));
  const entryWidth = Math.max(0, ...entries.map(({ text }) => widthOf(text)));
  const across = Math.max(1, Math.floor((style.width + GAP) / (entryWidth + GAP)));
  const height = Math.ceil(entries.length / across);
  return Array.from({ length: height }, (_, line) =>
    renderLine(
      entries
        .filter((_entry, index) => index % height === line)
        .map((piece) => ({ ...piece, text: pad(piece.text, entryWidth + GAP) })),
      style,
    ),
  );
}

function entry(name: string, nameWidth: number, { outcome, cause, latencyMs }: LastSeen): Piece {
  const { sign, tone } = SIGNS[outcome];
  const latency = latencyMs === undefined ? '' : latencyText(latencyMs);
  const words = outcome === 'good' || outcome === 'waiting' ? [] : [cause ?? outcome];
  const result = [...words, latency].filter((part) => part !== '').join(' ');
  return {
    text: `${sign} ${pad(name, nameWidth)} ${oneLine(result)}`.trimEnd(),
    tone: outcome === 'good' ? 'plain' : tone,
  };
}

/** How many checks there are and how many of them were last seen in which outcome, in one line. */
export function checkSummary(checks: readonly LastSeen[]): string {
  const counts = Map.groupBy(checks, ({ outcome }) => outcome);
  const parts = Object.keys(SIGNS).flatMap((outcome) => {
    const count = [...counts].find(([known]) => known === outcome)?.[1].length ?? 0;
    return count === 0 ? [] : [`${count} ${outcome}`];
  });
  return `${checks.length} checks: ${parts.join(', ')}`;
}
