import { createHash } from 'node:crypto';
import type { StatusEntry } from '../../probes/wire/status-feed.ts';
import { exclusionStatementSchema } from '../contract/exclusion-schema.ts';
import type { Check } from '../core/check.ts';
import type { Reading } from '../core/reading.ts';
import { instantJson } from '../core/verdict-json.ts';
import type { GivenExclusion } from '../register/exclusion-desk.ts';

/** Interventions that the provider tells of a machine, as the probe words them: `CODE FROM/TO`. */
const EVENT = /^(.+) (\S+)\/(\S+)$/;

/**
 * The exclusions that a reading proposes: one for each intervention that the provider has planned (`maintenance` of a
 * `vm` check, from its MaintenanceEvents) and of which both ends are told. The same event of the same check has the same
 * id, whoever sees it and however often.
 */
export function proposalsOf({ id: check }: Check, reading: Reading | undefined): readonly GivenExclusion[] {
  const told = reading?.kind === 'answer' ? reading.values?.['maintenance'] : undefined;
  if (!Array.isArray(told)) return [];
  return told.flatMap((text: unknown) => (typeof text === 'string' ? proposalOf(check, text) : []));
}

function proposalOf(check: string, text: string): readonly GivenExclusion[] {
  const [, code, from, to] = EVENT.exec(text) ?? [];
  return given(JSON.stringify([check, text]), {
    from,
    to,
    checks: [check],
    reason: `${code}, as the provider has planned it`,
  });
}

/**
 * The exclusions that a status feed proposes: one for each maintenance of which beginning and end are announced. It says
 * nothing of rows, so that it would cover all: whoever confirms it has to know that, or declares a narrower one instead.
 */
export function announcedProposals(entries: readonly StatusEntry[]): readonly GivenExclusion[] {
  return entries.flatMap(({ id, kind, title, fromMs, toMs, link, components }) => {
    if (kind !== 'maintenance' || fromMs === undefined || toMs === undefined) return [];
    const span = { from: instantJson(fromMs), to: instantJson(toMs) };
    const about = components.length > 0 ? ` (${components.join(', ')})` : '';
    const evidence = link === undefined ? {} : { evidence: link };
    const identity = JSON.stringify(['status feed', id, fromMs, toMs]);
    return given(identity, { ...span, reason: `${title}${about}`, ...evidence });
  });
}

/** Nothing where what is told makes no exclusion, such as one without an end. */
function given(identity: string, said: object): readonly GivenExclusion[] {
  const digest = createHash('sha256').update(identity).digest('hex');
  const exclusion = { id: `proposed-${digest.slice(0, 16)}`, kind: 'maintenance', author: 'vigie', ...said };
  const statement = exclusionStatementSchema.safeParse(exclusion).data;
  return statement ? [{ statement, exclusion }] : [];
}
