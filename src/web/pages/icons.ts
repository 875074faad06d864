import { html, raw } from 'hono/html';
import type { SupportClockState } from '../../core/ticket.ts';
import type { VerdictState } from '../../core/verdict.ts';
import type { SlotOutcome } from './page-sources.ts';
import type { Html, View } from './view.ts';

/** How a state is meant to strike the eye; colour is only ever added to a word and an icon. */
type Tone = 'bad' | 'good' | 'unsure' | 'quiet';

/** Strokes on a field of 16 by 16. */
const SHAPES = {
  cross: 'M4.5 4.5l7 7m0-7l-7 7',
  check: 'M3.5 8.5l3 3 6-7',
  question: 'M5.7 6a2.3 2.3 0 1 1 3.3 2.1c-.7.4-1 .8-1 1.6m0 2.3v.1',
  dash: 'M4 8h8',
  ring: 'M8 3.5a4.5 4.5 0 1 0 .01 0',
  wave: 'M3 9c1.5-2.5 3-2.5 5 0s3.5 2.5 5 0',
  pause: 'M6 4v8m4-8v8',
  clock: 'M8 3a5 5 0 1 0 .01 0M8 5.5v3l2 1.5',
  alarm: 'M8 3.5v6m0 2.4v.1',
} as const;
type Shape = keyof typeof SHAPES;

interface Look {
  readonly tone: Tone;
  readonly shape: Shape;
}

const STATES: Readonly<Record<VerdictState | 'not-watched', Look>> = {
  breached: { tone: 'bad', shape: 'cross' },
  met: { tone: 'good', shape: 'check' },
  'on-track': { tone: 'good', shape: 'check' },
  undecided: { tone: 'unsure', shape: 'question' },
  'not-falsified': { tone: 'good', shape: 'wave' },
  'not-applicable': { tone: 'quiet', shape: 'dash' },
  'no-commitment': { tone: 'quiet', shape: 'dash' },
  'not-watched': { tone: 'quiet', shape: 'ring' },
};

const CLOCKS: Readonly<Record<SupportClockState, Look>> = {
  running: { tone: 'unsure', shape: 'clock' },
  met: { tone: 'good', shape: 'check' },
  breached: { tone: 'bad', shape: 'cross' },
  frozen: { tone: 'quiet', shape: 'pause' },
};

const OUTCOMES: Readonly<Record<SlotOutcome, Look>> = {
  good: { tone: 'good', shape: 'check' },
  bad: { tone: 'bad', shape: 'cross' },
  excluded: { tone: 'unsure', shape: 'pause' },
  absent: { tone: 'unsure', shape: 'ring' },
  waiting: { tone: 'quiet', shape: 'clock' },
};

/** The state of a promise: an icon and a word. */
export function stateBadge({ texts }: View, state: VerdictState | 'not-watched'): Html {
  const meaning = state === 'not-watched' ? texts.overview.noCheck : texts.stateMeanings[state];
  return badge(STATES[state], texts.states[state], meaning);
}

/** The state of a support clock. */
export function clockBadge({ texts }: View, state: SupportClockState): Html {
  return badge(CLOCKS[state], texts.clockStates[state]);
}

/** What a vantage saw. */
export function outcomeBadge({ texts }: View, outcome: SlotOutcome): Html {
  return badge(OUTCOMES[outcome], texts.outcomes[outcome]);
}

/** Whether something wants a look. */
export function healthBadge({ texts }: View, isFine: boolean): Html {
  return isFine
    ? badge({ tone: 'good', shape: 'check' }, texts.health.ok)
    : badge({ tone: 'bad', shape: 'alarm' }, texts.health.look);
}

/** A word that calls: an incident that is going on. */
export function alarmBadge(word: Html | string): Html {
  return badge({ tone: 'bad', shape: 'alarm' }, word);
}

function badge({ tone, shape }: Look, word: Html | string, meaning?: string): Html {
  return html`<span class="badge ${tone}" ${meaning === undefined ? '' : html` title="${meaning}"`}
    ><svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="${raw(SHAPES[shape])}" /></svg
    ><span>${word}</span></span
  >`;
}
