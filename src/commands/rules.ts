import { probeKinds } from '../../probes/index.ts';
import { type RuleFormat, ruleFile } from '../export/rules/rule-file.ts';
import { ruleTests } from '../export/rules/rule-tests.ts';
import { EXIT, type ExitCode, type Io, UsageError } from './io.ts';
import { loadOrTell } from './load.ts';

/** Options of `vigie rules`. */
export interface RulesOptions {
  readonly config: string;
  readonly format: RuleFormat;
  readonly tests?: true;
}

/** The file that the generated tests read their rules from, beside themselves. */
const RULES_BESIDE_TESTS = 'rules.yaml';

/** `vigie rules`: alerting rules of a configuration and its contract, or promtool's tests of them. */
export function rules({ config: path, format, tests }: RulesOptions, io: Io): ExitCode {
  if (tests && format !== 'prometheus')
    throw new UsageError('--tests test a rule file, not --format prometheusrule');
  const config = loadOrTell(path, probeKinds(), io);
  if (!config) return EXIT.configuration;
  io.out(tests ? ruleTests(config, RULES_BESIDE_TESTS) : ruleFile(config, format));
  return EXIT.fine;
}
