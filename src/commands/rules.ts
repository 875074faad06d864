import { probeKinds } from '../../probes/index.ts';
import { ruleFile } from '../export/rules/rule-file.ts';
import type { RuleFormat } from '../export/rules/rule-format.ts';
import { ruleTests } from '../export/rules/rule-tests.ts';
import { EXIT, type ExitCode, type Io, UsageError } from './io.ts';
import { loadOrTell } from './load.ts';
import { systemClock } from '../clock.ts';
import { alertLabelsSchema } from '../config/alerting.ts';
import { type AlertingSetup, setupAt } from '../export/rules/setup.ts';
import type { Config } from '../config/config.ts';

/** Options of `vigie rules`. */
export interface RulesOptions {
  readonly config: string;
  readonly format: RuleFormat;
  readonly tests?: true;
  /** Matchers like `namespace="x"`. */
  readonly selector: readonly string[];
}

/** The file that the generated tests read their rules from, beside themselves. */
const RULES_BESIDE_TESTS = 'rules.yaml';

/** `vigie rules`: alerting rules of a configuration and its contract, or promtool's tests of them. */
export function rules({ config: path, format, tests, selector }: RulesOptions, io: Io): ExitCode {
  if (tests && format !== 'prometheus')
    throw new UsageError('--tests test a rule file, not --format prometheusrule');
  const config = loadOrTell(path, probeKinds(), io);
  if (!config) return EXIT.configuration;
  const setup = selecting(setupAt(config, systemClock.wallMs()), selector);
  io.out(tests ? ruleTests(setup, RULES_BESIDE_TESTS) : ruleFile(setup, format));
  return EXIT.fine;
}

function selecting(config: Config, texts: readonly string[]): AlertingSetup {
  const { alerting } = config;
  const asked = Object.fromEntries(texts.flatMap((text) => text.split(',')).map(matcherOf));
  return { ...config, alerting: { ...alerting, labels: { ...alerting.labels, ...asked } } };
}

/** Only equality: the alerts carry the same labels as the series that they are made of. */
function matcherOf(text: string): readonly [string, string] {
  const [, name = '', value = ''] = /^\s*(\w+)\s*=\s*"?([^"=~!]+?)"?\s*$/.exec(text) ?? [];
  const parsed = alertLabelsSchema.safeParse({ [name]: value });
  if (!parsed.success) throw new UsageError(`--selector ${text}: expected a matcher like namespace="x"`);
  return [name, value];
}
