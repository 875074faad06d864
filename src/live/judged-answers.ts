import type { Config } from '../config/config.ts';
import { isNamed, periodNamed } from '../contract/periods.ts';
import { verdictsJson } from '../core/verdict-json.ts';
import type { ExplainAnswer, ExplainQuery, VerdictsJson } from '../web/sources.ts';
import type { JudgeLoop } from './judge-loop.ts';

/** What answers about judgement are made from; asked for each time. */
export interface JudgedAnswersOptions {
  readonly config: () => Config;
  /** Undefined while nobody judges here. */
  readonly loop: () => JudgeLoop | undefined;
  /** Why there is none, for people. */
  readonly whyNone: () => string;
  /** When was judged last, or now; milliseconds since the epoch. */
  readonly atMs: () => number;
}

/** What is answered about verdicts that have to be worked out when they are asked for. */
export interface JudgedAnswers {
  readonly explain: (query: ExplainQuery) => Promise<ExplainAnswer>;
  /** Undefined for a period that the contract does not have, and while nobody judges here. */
  readonly verdictsOf: (name: string) => Promise<VerdictsJson | undefined>;
}

/** Answers from a judge that may begin later, or never. */
export function judgedAnswers(options: JudgedAnswersOptions): JudgedAnswers {
  return {
    explain: (query) => explain(options, query),
    verdictsOf: (name) => verdictsOf(options, name),
  };
}

async function explain(
  { loop, whyNone }: JudgedAnswersOptions,
  { period, ...question }: ExplainQuery,
): Promise<ExplainAnswer> {
  const judge = loop();
  if (!judge) return { ok: false, detail: whyNone() };
  const explanations = await judge.explain(question, period);
  if (!explanations)
    return { ok: false, detail: `period is ${period}, expected a month like 2026-03 or a year like 2026` };
  if (explanations.length > 0) return { ok: true, explanations };
  return { ok: false, detail: `there is no verdict on ${Object.values(question).join(', ')}` };
}

async function verdictsOf(
  { config, loop, atMs }: JudgedAnswersOptions,
  name: string,
): Promise<VerdictsJson | undefined> {
  const named = periodNamed(config().contract, name);
  const judge = loop();
  if (!named || !judge) return undefined;
  const all = await judge.verdictsOf(named.kind, named.period);
  return verdictsJson(
    atMs(),
    all.filter(({ period }) => isNamed(period, named)),
  );
}
