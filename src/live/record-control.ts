import type { Config } from '../config/config.ts';
import { incidentDetails, type IncidentSources } from './incident-details.ts';
import { observationPage } from './observation-page.ts';
import type { TicketLink } from '../register/ticket-entry.ts';
import type { RecordSource } from '../web/record-source.ts';
import type { WindowStore } from '../window/store.ts';

/** What the record is shown from; asked for at each request. */
export interface RecordControlOptions extends Pick<IncidentSources, 'explain' | 'breathe'> {
  readonly config: () => Config;
  /** Undefined before it was opened. */
  readonly store: () => WindowStore | undefined;
  readonly links: () => readonly TicketLink[];
}

/** What was recorded, as the web server shows it. */
export function recordControl(options: RecordControlOptions): RecordSource {
  const { config, links, explain, breathe } = options;
  const store = (): WindowStore => {
    const opened = options.store();
    if (!opened) throw new Error('the record was asked for before the windows were opened');
    return opened;
  };
  return {
    incident: (query) =>
      incidentDetails(query, { config: config(), store: store(), explain, links: links(), breathe }),
    observations: (query) => observationPage(query, { checks: config().checks, store: store(), breathe }),
  };
}
