import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ExcludeAddOptions, ExcludeDecideOptions, ExcludeListOptions } from './commands/exclude.ts';
import type { ExitCode, Io } from './commands/io.ts';
import type { TicketClaimOptions } from './commands/ticket-claim.ts';
import type {
  TicketEventOptions,
  TicketLinkOptions,
  TicketOpenOptions,
  TicketOptions,
} from './commands/ticket.ts';
import { EXCLUSION_KINDS } from './core/exclusion.ts';

/** What the commands of the register share with the others. */
export interface RegisterCommands {
  readonly program: Command;
  readonly io: Io;
  readonly done: (code: ExitCode) => void;
  readonly config: Option;
  readonly output: Option;
}

const ELSEWHERE = ['--url <url>', 'write to the books of the vigie that listens there'] as const;

/** Adds `exclude` and `ticket`: what no probe can see. */
export function addRegisterCommands(commands: RegisterCommands): void {
  addExclude(commands);
  addTicket(commands);
}

function addExclude({ program, io, done, config, output }: RegisterCommands): void {
  const exclude = program
    .command('exclude')
    .description('declare time that is not downtime; also beside a vigie that is running');
  const add = (name: string, description: string): Command =>
    statementOptions(exclude.command(name).description(description).argument('<id>', 'an id of its own'))
      .addOption(config)
      .addOption(output);
  add('add', 'declare an exclusion: it is in force at once')
    .option(...ELSEWHERE)
    .action(async (id: string, options: ExcludeAddOptions) => {
      const { excludeAdd } = await import('./commands/exclude.ts');
      done(await excludeAdd(id, options, io));
    });
  add('propose', 'note an exclusion that counts only once it is confirmed')
    .option('--source <text>', 'who or what proposes it (default: the author)')
    .action(async (id: string, options: ExcludeAddOptions) => {
      const { excludePropose } = await import('./commands/exclude.ts');
      done(await excludePropose(id, options, io));
    });
  exclude
    .command('confirm')
    .description('put a proposed exclusion in force')
    .argument('<id>')
    .option('--reason <text>', 'why')
    .option('--author <name>', 'who confirms it (default: the name of the account)')
    .addOption(config)
    .option(...ELSEWHERE)
    .addOption(output)
    .action(async (id: string, options: ExcludeDecideOptions) => {
      const { excludeConfirm } = await import('./commands/exclude.ts');
      done(await excludeConfirm(id, options, io));
    });
  exclude
    .command('withdraw')
    .description('take an exclusion out of force; it stays on record')
    .argument('<id>')
    .requiredOption('--reason <text>', 'why')
    .option('--author <name>', 'who withdraws it (default: the name of the account)')
    .addOption(config)
    .option(...ELSEWHERE)
    .addOption(output)
    .action(async (id: string, options: ExcludeDecideOptions) => {
      const { excludeWithdraw } = await import('./commands/exclude.ts');
      done(await excludeWithdraw(id, options, io));
    });
  exclude
    .command('list')
    .description('all exclusions, those of the configuration first, with all that happened to them')
    .option('--state <state>', 'only those: proposed, in-force or withdrawn')
    .addOption(config)
    .addOption(output)
    .action(async (options: ExcludeListOptions) => {
      const { excludeList } = await import('./commands/exclude.ts');
      done(await excludeList(options, io));
    });
}

function statementOptions(command: Command): Command {
  return command
    .addOption(new Option('--kind <kind>', 'of what kind').choices(EXCLUSION_KINDS).makeOptionMandatory())
    .option(
      '--from <instant>',
      'when it begins, or now; of what comes back, the first date on which it may begin',
    )
    .option('--to <instant>', 'when it ends')
    .option('--every <stretch>', 'comes back every day, week or month')
    .option('--on <day>', 'with --every: tue; for a month also 2tue, -1fri, 15; repeatable', collect, [])
    .option('--rrule <rule>', 'comes back by a rule of RFC 5545')
    .option('--at <time>', 'of what comes back: the time of day at which it begins, like 22:00')
    .option(
      '--for <duration>',
      'how long it lasts, like 2h, in the place of --to; without --from, from now on',
    )
    .option('--zone <zone>', 'of what comes back: the time zone, like Europe/Paris')
    .option('--until <date>', 'with --every: the last date on which it may begin')
    .option('--row <id>', 'only this row; repeatable', collect, [])
    .option('--scope <name>', 'only this member of a row; repeatable', collect, [])
    .option('--check <id>', 'only this check; repeatable', collect, [])
    .requiredOption('--reason <text>', 'why')
    .option('--author <name>', 'who says so (default: the name of the account)')
    .option('--evidence <url>', 'http or https link to what it rests on');
}

function addTicket({ program, io, done, config, output }: RegisterCommands): void {
  const ticket = program
    .command('ticket')
    .description('support tickets and their clocks (SLA10)')
    .addHelpText(
      'after',
      '\nA ticket goes by the contract that held when it was opened (`effective` in the contract file).',
    );
  const add = (name: string, description: string): Command =>
    ticket.command(name).description(description).addOption(config).addOption(output);
  const author = ['--author <name>', 'who says so (default: the name of the account)'] as const;
  add('open', 'a ticket was opened')
    .argument('<ticket>', 'its id')
    .requiredOption('--severity <n>', 'as the contract counts them', wholeNumber)
    .option('--complete', 'all obligatory information was there', false)
    .option('--title <text>', 'what it is about')
    .option('--at <instant>', 'when (default: now)')
    .option(...author)
    .option(...ELSEWHERE)
    .action(async (id: string, options: TicketOpenOptions) => {
      const { ticketOpen } = await import('./commands/ticket.ts');
      done(await ticketOpen(id, options, io));
    });
  add('event', 'something happened: completed, responded, waiting, resumed, resolved, reopened, severity')
    .argument('<ticket>', 'its id')
    .argument('<event>')
    .option('--severity <n>', 'the new severity', wholeNumber)
    .option('--at <instant>', 'when (default: now)')
    .option(...author)
    .option(...ELSEWHERE)
    .action(async (id: string, event: string, options: TicketEventOptions) => {
      const { ticketEvent } = await import('./commands/ticket.ts');
      done(await ticketEvent(id, event, options, io));
    });
  add('list', 'all tickets and how their clocks stand')
    .option('--at <instant>', 'the instant to judge at (default: now)')
    .action(async (options: TicketOptions) => {
      const { ticketList } = await import('./commands/ticket.ts');
      done(await ticketList(options, io));
    });
  add('show', 'one ticket, and the incidents that it is linked to')
    .argument('<ticket>', 'its id')
    .option('--at <instant>', 'the instant to judge at (default: now)')
    .action(async (id: string, options: TicketOptions) => {
      const { ticketShow } = await import('./commands/ticket.ts');
      done(await ticketShow(id, options, io));
    });
  add('import', 'enter the events of a file of JSON Lines; all or none')
    .argument('<file>', '- for standard input')
    .option(...author)
    .action(async (file: string, options: TicketOptions) => {
      const { ticketImport } = await import('./commands/ticket.ts');
      done(await ticketImport(file, options, io));
    });
  add('link', 'say which incident a ticket is about')
    .argument('<ticket>', 'its id')
    .argument('<row>', 'the row of the contract')
    .requiredOption('--from <instant>', 'when the incident began, or any instant within it')
    .option('--scope <name>', 'the member of the row', 'region')
    .option(...author)
    .action(async (id: string, row: string, options: TicketLinkOptions) => {
      const { ticketLink } = await import('./commands/ticket.ts');
      done(await ticketLink(id, row, options, io));
    });
  add('claim', 'print what the provider asks for: times, causes, samples, request ids, evidence')
    .argument('<ticket>', 'its id')
    .option('--url <url>', 'ask the vigie that listens there')
    .action(async (id: string, options: TicketClaimOptions) => {
      const { ticketClaim } = await import('./commands/ticket-claim.ts');
      done(await ticketClaim(id, options, io));
    });
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

function wholeNumber(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number)) throw new InvalidArgumentError('expected a whole number');
  return number;
}
