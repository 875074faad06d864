import { stripVTControlCharacters } from 'node:util';

/** What a piece of text means; the colours follow from it. */
export type Tone = 'good' | 'bad' | 'doubtful' | 'quiet' | 'strong' | 'plain';

/** How text is to be put on a screen. */
export interface ScreenStyle {
  /** Columns that a line may take. */
  readonly width: number;
  /** Whether colours may be used; the caller respects NO_COLOR. */
  readonly colour: boolean;
  /** Whether signs beyond ASCII may be used. */
  readonly unicode: boolean;
}

/** A piece of a line with its meaning. */
export interface Piece {
  readonly text: string;
  readonly tone?: Tone;
}

const CODES: Readonly<Record<Tone, string>> = {
  good: '32',
  bad: '31',
  doubtful: '33',
  quiet: '2',
  strong: '1',
  plain: '',
};

/** Signs of ours by a letter of ASCII that stands for each, of the same width. */
const PLAIN_SIGNS: Readonly<Record<string, string>> = {
  '✓': '+',
  '✗': 'x',
  '▼': '!',
  '≠': '#',
  '└': '\\',
  '–': '-',
  '…': '~',
  '·': '|',
  '→': '>',
  '○': 'o',
};
const SIGNS = new RegExp(`[${Object.keys(PLAIN_SIGNS).join('')}]`, 'gu');

/** One line: the pieces in a row, cut to the width, without blanks at the end. */
export function renderLine(pieces: readonly Piece[], style: ScreenStyle): string {
  let room = style.width;
  let line = '';
  for (const { text, tone = 'plain' } of trimmed(pieces)) {
    const shown = cut(oneLine(text), room);
    room -= widthOf(shown);
    line += painted(style.unicode ? shown : plainSigns(shown), tone, style.colour);
  }
  return line;
}

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Columns that a text takes, escape sequences left out; each character counts as one. */
export function widthOf(text: string): number {
  return [...characters.segment(stripVTControlCharacters(text))].length;
}

/** A text in at most `width` columns; one that is cut ends in an ellipsis. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  const kept = [...characters.segment(text)].slice(0, width - 1);
  return `${kept.map(({ segment }) => segment).join('')}…`;
}

/** A text filled up with blanks to at least `width` columns; `align` is the side that the text stands on. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

/** A text broken at blanks into lines of at most `width` columns; a word that is longer stays whole. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of oneLine(text).split(' ')) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last === undefined || widthOf(longer) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** What comes from outside must not move the cursor: control characters become blanks. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ');
}

function trimmed(pieces: readonly Piece[]): readonly Piece[] {
  const last = pieces.at(-1);
  if (!last) return pieces;
  const text = last.text.trimEnd();
  return text === '' ? trimmed(pieces.slice(0, -1)) : [...pieces.slice(0, -1), { ...last, text }];
}

function plainSigns(text: string): string {
  return text.replace(SIGNS, (sign) => PLAIN_SIGNS[sign] ?? '?');
}

function painted(text: string, tone: Tone, colour: boolean): string {
  const code = CODES[tone];
  return colour && code !== '' && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
}
