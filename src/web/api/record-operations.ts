import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import { parseInstant } from '../../core/instant.ts';
import type { EventStream } from '../event-stream.ts';
import type { RecordSource } from '../record-source.ts';
import type { Sources } from '../sources.ts';
import type { TableRow } from './csv.ts';
import { type ListedIncident, listedIncidents } from './incidents.ts';
import { operation, type Operation } from './operation.ts';
import { pageOf } from './page.ts';
import { afterQuery, instantQuery, limitQuery, listQuery } from './query.ts';
import {
  eventsSchema,
  incidentDetailsSchema,
  incidentsSchema,
  observationSchema,
  observationsSchema,
} from './schemas/record.ts';
import { noPeriod } from './verdict-operations.ts';

const HOUR_MS = 3_600_000;
const GONE = { status: 422, detail: 'after names no item of the list any more; begin anew' } as const;

/** What has happened: incidents and events; and what was recorded of it. */
export function recordOperations(sources: Sources, stream: EventStream, clock: Clock): readonly Operation[] {
  const { record } = sources;
  return [
    incidentList(sources),
    operation({
      path: '/api/events',
      summary:
        'The latest events since vigie was started, the last one last. As `text/event-stream` they are followed live: ' +
        '`evaluation` with the members whose figures have changed, events by their kind, `lost` when some were missed.',
      query: {
        limit: limitQuery(100, 1_000),
        after: afterQuery.describe('The id of an event; those after it.'),
      },
      answer: eventsSchema,
      handle: ({ limit, after }) => ({ json: { events: stream.events(limit, after) } }),
    }),
    ...(record ? [incidentDetails(record), observations(record, clock)] : []),
  ];
}

const INCIDENT_COLUMNS = [
  ...[
    'row',
    'scope',
    'reading',
    'period',
    'from',
    'to',
    'durationMs',
    'open',
    'badMs',
    'countedMs',
    'causes',
  ],
];

function incidentList(sources: Sources): Operation {
  return operation({
    path: '/api/incidents',
    summary: 'The incidents that touch the current periods, or one that may be over; the latest first.',
    query: {
      row: z.string().optional(),
      scope: z.string().optional(),
      reading: z.string().optional().describe('A reading of the contract; its first when absent.'),
      period: z.string().optional().describe('`2026-03` or `2026`; the current periods when absent.'),
      from: instantQuery.optional().describe('Only those that go on after this instant.'),
      to: instantQuery.optional().describe('Only those that began before this instant.'),
      limit: limitQuery(100, 1_000),
      after: afterQuery,
    },
    answer: incidentsSchema,
    formats: ['json', 'csv'],
    async handle({ period, limit, after, ...wanted }) {
      const verdicts = period === undefined ? sources.verdicts() : await sources.verdictsOf?.(period);
      if (!verdicts) return noPeriod(period ?? '');
      const page = pageOf(listedIncidents(verdicts, wanted), keyOf, { limit, after });
      if (!page) return GONE;
      const { items: incidents, next } = page;
      const rows: readonly TableRow[] = incidents.map((incident) => ({ ...incident }));
      return {
        json: { at: verdicts.at, incidents, next },
        table: { name: 'incidents', columns: INCIDENT_COLUMNS, rows },
        next,
      };
    },
  });
}

function keyOf({ row, scope, reading, period, from }: ListedIncident): string {
  return JSON.stringify([row, scope, reading, period, from]);
}

function incidentDetails(record: RecordSource): Operation {
  return operation({
    path: '/api/incidents/{row}/{scope}/{from}',
    summary: 'An incident: what each reading makes of it, its samples, request ids, exclusions and tickets.',
    query: { limit: limitQuery(200, 1_000).describe('How many samples.'), after: afterQuery },
    answer: incidentDetailsSchema,
    isPrivate: true,
    async handle({ limit, after }, context) {
      const { row = '', scope = '', from = '' } = context.req.param() as Readonly<Record<string, string>>;
      const fromMs = parseInstant(from);
      if (fromMs === undefined)
        return { status: 422, detail: `${from} is no instant, expected one like 2026-03-01T00:00:00.000Z` };
      const query = { row, scope, fromMs, limit, ...(after !== undefined && { after }) };
      const answer = await record.incident(query);
      if (answer.ok) return { json: answer.incident };
      return { status: answer.why === 'absent' ? 404 : 422, detail: answer.detail };
    },
  });
}

const OBSERVATION_COLUMNS = ['check', 'vantage', 'slot', 'from', 'to', 'outcome', 'cause', 'evidence'];

function observations(record: RecordSource, clock: Clock): Operation {
  return operation({
    path: '/api/observations',
    summary: 'Observations of a span in the shape that `vigie replay` reads; by check, time, vantage.',
    query: {
      check: listQuery.describe('Only of these checks; all when absent.'),
      vantage: listQuery.describe('Only by these vantages; all when absent.'),
      from: instantQuery
        .optional()
        .describe('Slots that start at it or later; an hour before `to` when absent.'),
      to: instantQuery.optional().describe('Slots that start before it; now when absent.'),
      limit: limitQuery(1_000, 20_000),
      after: afterQuery,
    },
    answer: observationsSchema,
    line: observationSchema,
    formats: ['json', 'jsonl', 'csv'],
    isPrivate: true,
    async handle({ check: checks, vantage: vantages, from, to, limit, after }) {
      const toMs = to ?? clock.wallMs();
      const fromMs = from ?? toMs - HOUR_MS;
      const span = { checks, vantages, fromMs, toMs, limit };
      const answer = await record.observations({ ...span, ...(after !== undefined && { after }) });
      if (!answer.ok) return { status: 422, detail: answer.detail };
      const { lines, next } = answer;
      const parsed = lines.map((line): unknown => JSON.parse(line));
      return {
        json: { observations: parsed, next },
        table: { name: 'observations', columns: OBSERVATION_COLUMNS, rows: parsed.map(observationCells) },
        lines,
        next,
      };
    },
  });
}

const textsSchema = z.record(z.string(), z.unknown());

function observationCells(observation: unknown): TableRow {
  return Object.fromEntries(
    Object.entries(textsSchema.parse(observation)).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
