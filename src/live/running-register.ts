import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import { assertLedgerWritable, openLedgerOf } from '../keeping/opened-ledger.ts';
import { RegisterWatch, type RegisterWatchOptions } from './register-watch.ts';
import { ReplayError } from '../replay/read-lines.ts';
import { enterLines, fileLines } from '../casework/ticket-lines.ts';
import { TicketsFile } from './tickets-file.ts';
import type { Ledger } from '../window/ledger.ts';

/** What the register of a running vigie needs. */
export interface RunningRegisterOptions extends Pick<RegisterWatchOptions, 'onExclusions' | 'onTickets'> {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  /** The shared books, where there are any; those in `dataDir` otherwise. */
  readonly shared: Ledger | undefined;
}

/** The register while vigie runs: its books, who follows them, and the file of tickets that is taken in. */
export class RunningRegister {
  readonly watch: RegisterWatch;
  /** The books that are open. */
  readonly ledger: Ledger;
  readonly #file: TicketsFile;
  readonly #log: Logger;
  readonly #closeLedger: () => Promise<void>;
  #config: Config;

  private constructor(options: RunningRegisterOptions, ledger: Ledger, closeLedger: () => Promise<void>) {
    const { config, clock, log } = options;
    this.#config = config;
    this.#log = log;
    this.#closeLedger = closeLedger;
    this.ledger = ledger;
    this.watch = new RegisterWatch({ ...options, ledger, nonce: randomUUID }, config);
    this.#file = new TicketsFile({ clock, take: (path) => this.#takeTickets(path) });
  }

  /** Opens the books, reads them and begins to follow them. Rejects with a WindowStoreError. */
  static async open(options: RunningRegisterOptions): Promise<RunningRegister> {
    const { config, clock, shared } = options;
    assertLedgerWritable(config);
    const own = shared ? undefined : await openLedgerOf(config, clock);
    const ledger = shared ?? own;
    if (!ledger) throw new Error('a register without a ledger');
    const register = new RunningRegister(options, ledger, async () => own?.close());
    await register.watch.start();
    register.#file.follow(config.ticketsFile);
    return register;
  }

  /** Goes on with another configuration. */
  reconfigure(config: Config): void {
    this.#config = config;
    this.watch.reconfigure(config);
    this.#file.follow(config.ticketsFile);
  }

  async close(): Promise<void> {
    await this.#file.stop();
    await this.watch.stop();
    await this.#closeLedger();
  }

  async #takeTickets(path: string): Promise<void> {
    const contracts = this.#config;
    const by = { author: 'tickets.file', from: 'daemon' };
    try {
      const desk = this.watch.ticketDesk;
      const written = await enterLines({ lines: fileLines(path), contracts, desk, by });
      if (written > 0) this.#log.info({ file: path, events: written }, 'ticket events taken in');
    } catch (error) {
      if (error instanceof ReplayError)
        this.#log.error(
          { file: path, line: error.line },
          `nothing of this file is taken in: ${error.message}`,
        );
      else this.#log.error({ file: path, err: error }, 'the file of tickets cannot be taken in');
    }
  }
}
