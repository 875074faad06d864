import { Command, CommanderError, Help, InvalidArgumentError, Option } from 'commander';
import { addRegisterCommands } from './cli-register.ts';
import { EXIT, type ExitCode, type Io, type OutputFormat, UsageError } from './commands/io.ts';
import type { ExplainOptions } from './commands/explain.ts';
import { DEFAULT_CONFIG } from './commands/config-files.ts';
import type { ExportOptions } from './commands/export.ts';
import type { ProbeOptions } from './commands/probe.ts';
import type { ReflectOptions } from './commands/reflect.ts';
import { DEFAULT_RATE } from './commands/reply-rate.ts';
import type { ReplayOptions } from './commands/replay.ts';
import type { ReportOptions } from './commands/report.ts';
import type { RulesOptions } from './commands/rules.ts';
import type { RunOptions } from './commands/run.ts';
import type { StatusOptions } from './commands/status.ts';
import type { VerifyOptions } from './commands/verify.ts';
import { VERSION } from './commands/version.ts';
import type { DoctorOptions, MigrateOptions } from './commands/window.ts';
import { LOG_LEVELS } from './export/log-level.ts';
import { REPORT_LANGUAGES } from './report/figures.ts';
import { REPORT_FORMATS } from './report/format.ts';
import { RULE_FORMATS } from './export/rules/rule-format.ts';
import { ROLES } from './live/roles.ts';

const RUN_HELP = `
Signals: SIGTERM and SIGINT end it, a second one at once. SIGHUP, or a file that
has changed, reloads; where the terminal that it was started from is gone, SIGHUP
ends it (start it with nohup or by a service manager to have it go on).

In a drill, \`exclude\` and \`ticket\` in another terminal enter into its books,
where no ${DEFAULT_CONFIG} lies and none is named.`;

/** Runs one command line (without the names of program and script) and gives its exit code. */
export async function runCli(argv: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.fine;
  const program = programFor(io, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
    if (!(error instanceof UsageError)) throw error;
    io.err(`vigie: ${error.message}\n`);
    return EXIT.usage;
  }
}

function programFor(io: Io, done: (code: ExitCode) => void): Command {
  const program = new Command('vigie')
    .description('Watches what a cloud provider promised, and keeps the figure that holds up.')
    .version(VERSION)
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      outputError: (text, write) => write(text.replace(/^error: /, 'vigie: ')),
    })
    .configureHelp({ optionDescription: describedOption })
    .showHelpAfterError('(see --help)')
    .exitOverride();
  const output = new Option('--output <format>', 'how to print the result')
    .choices(['text', 'json'])
    .default('text');
  const config = new Option('--config <file>', 'configuration file').default(DEFAULT_CONFIG);

  program
    .command('run')
    .description('watch; without a configuration, watch a region in a box (a fire drill)')
    .option('--config <file>', `configuration file (default: ${DEFAULT_CONFIG} if there is one)`)
    .addOption(
      new Option('--role <role>', 'probe alone, judge alone, or both; alone with shared windows only')
        .choices(ROLES)
        .default('both'),
    )
    .option('--vantage <name>', 'the vantage that this process looks from; repeatable', collect, [])
    .option(
      '--fault <service[=fault]>',
      'break a service of the region in a box; repeatable; `help` lists what there is',
      collect,
      [],
    )
    .option('--port-offset <n>', 'shift the ports of the region in a box, and its own', wholeNumber, 0)
    .addOption(new Option('--log-level <level>', 'how much is logged').choices(LOG_LEVELS).default('info'))
    .option(
      '--web.config.file <file>',
      'TLS and passwords, as exporters of Prometheus have them; in the place of `web` in --config',
    )
    .option('--no-table', 'no live table on standard output')
    .addHelpText('after', RUN_HELP)
    .action(async (options: RunOptions) => {
      const { run } = await import('./commands/run.ts');
      done(await run(options, io));
    });

  program
    .command('check')
    .description('check a configuration: all errors at once, with their places')
    .argument('[file]', 'configuration file', DEFAULT_CONFIG)
    .addOption(output)
    .action(async (file: string, options: { output: OutputFormat }) => {
      const { check } = await import('./commands/check.ts');
      done(check(file, options, io));
    });

  program
    .command('probe')
    .description('run one check once and show its phases, values and classification')
    .argument('<check>', 'id of the check')
    .addOption(config)
    .addOption(output)
    .action(async (id: string, options: ProbeOptions) => {
      const { probe } = await import('./commands/probe.ts');
      done(await probe(id, options, io));
    });

  program
    .command('status')
    .description('show the verdicts of a vigie that is running')
    .option('--url <url>', 'where it listens')
    .option('--config <file>', `the configuration that says so (default: ${DEFAULT_CONFIG} if there is one)`)
    .addOption(output)
    .action(async (options: StatusOptions) => {
      const { status } = await import('./commands/status.ts');
      done(await status(options, io));
    });

  program
    .command('replay')
    .description('judge recorded observations, support tickets or both by the same code as live')
    .addOption(config)
    .option('--observations <file>', 'observations as JSON Lines; - for standard input')
    .option('--tickets <file>', 'events of support tickets as JSON Lines; - for standard input')
    .option('--exclusions <file>', 'exclusions beside those of the configuration; - for standard input')
    .requiredOption('--at <instant>', 'the instant to judge at; nothing at or after it is used')
    .option('--period <name>', 'judge this month (2026-03) or year (2026) instead of the current one')
    .addOption(output)
    .action(async (options: ReplayOptions) => {
      const { replay } = await import('./commands/replay.ts');
      done(await replay(options, io));
    });

  program
    .command('explain')
    .description('show how the verdicts on a row came about, with the arithmetic in the clear')
    .argument('<row>', 'id of a row of the contract')
    .option('--scope <name>', 'only this member of the row')
    .option('--reading <name>', 'only this reading of the contract')
    .option('--period <name>', 'this month (2026-03) or year (2026), or a part of one (2026@2026-07-01)')
    .option('--observations <file>', 'explain recorded observations; without, a running vigie is asked')
    .option('--exclusions <file>', 'with --observations: exclusions beside those of the configuration')
    .option('--at <instant>', 'with --observations: the instant to judge at')
    .addOption(config)
    .option('--url <url>', 'where a running vigie listens (default: as the configuration says)')
    .addOption(output)
    .action(async (row: string, options: ExplainOptions) => {
      const { explain } = await import('./commands/explain.ts');
      done(await explain(row, options, io));
    });

  program
    .command('reflect')
    .description('answer the test packets (STAMP, RFC 8762) of latency checks, until stopped')
    .requiredOption('--listen <host:port>', 'address of this machine, and port; 862 when left out')
    .option('--peer <cidr>', 'address or range that is answered; repeatable', collect, [])
    .option('--key-file <file>', 'answer only packets authenticated with this key')
    .option('--stateful', 'count the replies of each session instead of returning its numbers')
    .option('--rate <n>', 'replies a second to one address', wholeNumber, DEFAULT_RATE)
    .action(async (options: ReflectOptions) => {
      const { reflect } = await import('./commands/reflect.ts');
      done(await reflect(options, io));
    });

  program
    .command('rules')
    .description('print the alerting rules of a configuration for Prometheus, or the tests of these rules')
    .addOption(config)
    .addOption(
      new Option('--format <format>', 'a rule file, or the operator’s resource')
        .choices(RULE_FORMATS)
        .default('prometheus'),
    )
    .option(
      '--selector <matchers>',
      'labels that Prometheus gives the series of this vigie, like \'namespace="x"\'; repeatable',
      collect,
      [],
    )
    .option('--tests', 'print tests for `promtool test rules`, which read rules.yaml beside them')
    .action(async (options: RulesOptions) => {
      const { rules } = await import('./commands/rules.ts');
      done(rules(options, io));
    });

  const window = program.command('window').description('look after the windows');
  window
    .command('migrate')
    .description(
      'copy windows and ledgers from dataDir into Redis (window.url), or back, while no vigie runs',
    )
    .addOption(new Option('--to <where>', 'where to').choices(['shared', 'embedded']).makeOptionMandatory())
    .addOption(config)
    .addOption(output)
    .action(async (options: MigrateOptions) => {
      const { migrate } = await import('./commands/window.ts');
      done(await migrate(options, io));
    });
  window
    .command('doctor')
    .description('list what Redis holds: keys, sizes, days without slots, checks that are not configured')
    .option('--prune', 'drop what is there of checks that are not configured', false)
    .addOption(config)
    .addOption(output)
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('./commands/window.ts');
      done(await doctor(options, io));
    });

  addRegisterCommands({ program, io, done, config, output });

  program
    .command('report')
    .description('print what a period came to, once closed or so far; or put a claim together')
    .argument('<period>', 'a month (2026-03), a year (2026), or a part of one (2026@2026-07-01)')
    .addOption(
      new Option('--format <format>', 'how it is written')
        .choices([...REPORT_FORMATS, 'pdf'])
        .default('html'),
    )
    .addOption(new Option('--lang <language>', 'the language of it').choices(REPORT_LANGUAGES).default('en'))
    .option('--number <n>', 'this closing: 0 is the original (default: the latest)', wholeNumber)
    .option('--claim <row>', 'a claim on this row instead, as one zip')
    .option('--out <file>', 'where to; PDF and zip have a name of their own when absent')
    .addOption(config)
    .option('--url <url>', 'where a running vigie listens')
    .action(async (period: string, options: ReportOptions) => {
      const { report } = await import('./commands/report.ts');
      done(await report(period, options, io));
    });

  program
    .command('verify')
    .description('check that an archive or a claim is as it was written, and that the figures follow from it')
    .argument('[archive]', 'folder of the archive, or zip of a claim (default: as the configuration says)')
    .option('--key <file>', 'a public key (PEM) that may have signed it; repeatable', collect, [])
    .option('--report <file>', 'a report that must follow from the archive')
    .addOption(config)
    .addOption(output)
    .action(async (archive: string | undefined, options: VerifyOptions) => {
      const { verify } = await import('./commands/verify.ts');
      done(await verify(archive, options, io));
    });

  program
    .command('export')
    .description('print what is recorded')
    .command('observations')
    .description('what was seen, as JSON Lines that `replay` reads')
    .option('--from <instant>', 'slots that start at it or later (default: all)')
    .option('--to <instant>', 'slots that start before it', 'now')
    .option('--check <id>', 'only this check; repeatable', collect, [])
    .addOption(config)
    .option('--url <url>', 'where a running vigie listens')
    .action(async (options: ExportOptions) => {
      const { exportObservations } = await import('./commands/export.ts');
      done(await exportObservations(options, io));
    });

  program
    .command('schema')
    .description('print a JSON Schema for editors')
    .addArgument(schemaArgument())
    .action(async (which: 'config' | 'contract') => {
      const { schema } = await import('./commands/schema.ts');
      done(schema(which, io));
    });

  return program;
}

function schemaArgument() {
  return new Command()
    .createArgument('[which]', 'which file it describes')
    .choices(['config', 'contract'])
    .default('config');
}

const plainHelp = new Help();

/** What help says of an option: that nothing is repeated, or not wished, by default goes without saying. */
function describedOption(option: Option): string {
  const isPlain = option.defaultValue === false || Array.isArray(option.defaultValue);
  return isPlain ? option.description : plainHelp.optionDescription(option);
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

function wholeNumber(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number)) throw new InvalidArgumentError('expected a whole number');
  return number;
}
