import type { DeclaredExclusion } from '../../core/exclusion.ts';
import { type AlertingSetup, type WatchedMember, watchedMembers } from './setup.ts';

/** Whether a row member is under declared maintenance: then its pages are muted. */
export interface MemberMaintenance {
  readonly row: string;
  readonly scope: string;
  readonly isActive: boolean;
}

/** The declared maintenance that is under way at an instant, however a reading counts it. */
export function activeMaintenance(
  exclusions: readonly DeclaredExclusion[],
  nowMs: number,
): readonly DeclaredExclusion[] {
  return exclusions.filter(
    ({ kind, fromMs, toMs }) => kind === 'maintenance' && fromMs <= nowMs && nowMs < toMs,
  );
}

/**
 * For every watched member, whether the maintenance that is under way covers it. One that is declared for checks covers
 * a member only with all of its checks: the others may be down for another reason.
 */
export function membersUnderMaintenance(
  setup: Pick<AlertingSetup, 'contract' | 'checks' | 'compositions'>,
  active: readonly DeclaredExclusion[],
): readonly MemberMaintenance[] {
  return watchedMembers(setup).map((member) => ({
    row: member.row,
    scope: member.scope,
    isActive: covers(active, member),
  }));
}

function covers(active: readonly DeclaredExclusion[], { row, scope, checks }: WatchedMember): boolean {
  const meant = active.filter(
    ({ rows, scopes }) => (rows?.includes(row) ?? true) && (scopes?.includes(scope) ?? true),
  );
  if (meant.some((exclusion) => exclusion.checks === undefined)) return true;
  const named = new Set(meant.flatMap((exclusion) => exclusion.checks ?? []));
  return named.size > 0 && checks.every(({ id }) => named.has(id));
}
