import { type DocumentPath, errorAt, type Finding, warningAt } from '../contract/finding.ts';
import { formatDuration } from '../core/duration.ts';
import type { Expectations, Matcher } from '../core/expectation.ts';
import type { ProbeKind } from '../core/probe.ts';
import type { LoadEnvironment } from './config.ts';
import type { SourceDocument } from './document.ts';
import { type CheckDraft, checkPath, type ConfigDraft, vantagesOf } from './draft.ts';
import { expectationFindings, latencyFindings } from './expectation-findings.ts';
import { unknownName } from './name-findings.ts';
import { resolveSecrets, type SecretStore } from './secret-findings.ts';
import { shapeOf } from './shape.ts';

/** What a check asks of its kind of probe, once that is known to be right. */
export interface ProbeRequest {
  /** Parsed by the kind's schema, secrets fetched. */
  readonly settings: unknown;
  /** With the kind's defaults. */
  readonly expectations: Expectations;
  /** As the wire sees the request. */
  readonly identity: string;
  /** How many objects a good run vouches for; undefined where the kind watches no durability. */
  readonly objects: number | undefined;
}

/** What came of a check's probe, settings, secrets and expectations. */
export interface ProbeCheck {
  readonly request: ProbeRequest | undefined;
  readonly findings: readonly Finding[];
}

/** Checks a check against its kind of probe, and sets the kind up for it. */
export function probeOf(
  check: CheckDraft,
  index: number,
  kinds: LoadEnvironment['kinds'],
  document: SourceDocument,
  secrets: SecretStore,
): ProbeCheck {
  const unknown = unknownName(checkPath(index, 'probe'), check.probe, [...kinds.keys()], 'a kind of probe');
  const kind = kinds.get(check.probe ?? '');
  if (!kind || !check.with) return { request: undefined, findings: unknown };
  const path = checkPath(index, 'with');
  const { value: settings, findings: misshapen } = shapeOf(kind.settings, check.with, document, path);
  if (misshapen.length > 0)
    return { request: undefined, findings: [...misshapen, ...latencyFindings(check, index, document)] };
  const findings = [
    ...resolveSecrets(settings, path, secrets),
    ...expectationFindings(check, index, kind.values(settings), document),
  ];
  if (findings.length > 0) return { request: undefined, findings };
  const expectations = { ...kind.defaults, ...matchersOf(check.expect) };
  const configured = configure(kind, settings, path);
  const all = [...tooShort(kind, settings, check, index), ...('identity' in configured ? [] : [configured])];
  const objects = kind.sentinels?.(settings);
  const request =
    'identity' in configured ? { settings, expectations, identity: configured.identity, objects } : undefined;
  return { request, findings: all };
}

/** The probe set up, or why these settings cannot work. */
function configure(
  kind: ProbeKind,
  settings: unknown,
  path: DocumentPath,
): { readonly identity: string } | Finding {
  try {
    return kind.configure(settings);
  } catch (error) {
    if (error instanceof Error) return errorAt(path, error.message);
    throw error;
  }
}

/** A timeout that ends every run before the probe's own pauses do would read a healthy service as down. */
function tooShort(kind: ProbeKind, settings: unknown, check: CheckDraft, index: number): readonly Finding[] {
  const leastMs = kind.leastMs?.(settings);
  if (leastMs === undefined || check.timeout === undefined || check.timeout > leastMs) return [];
  const message = `must be more than the ${formatDuration(leastMs)} that the probe takes by its own settings, got ${formatDuration(check.timeout)}`;
  return [errorAt(checkPath(index, 'timeout'), message)];
}

/** Members that are absent are left out, so that only what was said is in force. */
function matchersOf(expect: CheckDraft['expect']): Expectations {
  return Object.fromEntries(
    Object.entries(expect ?? {}).map(([name, matcher]): [string, Matcher] => [
      name,
      Object.fromEntries(Object.entries(matcher).filter(([, value]) => value !== undefined)),
    ]),
  );
}

/** A warning for each check that sends the very request of an earlier one from the same vantage. */
export function identicalRequests(
  draft: ConfigDraft,
  requests: readonly (ProbeRequest | undefined)[],
): readonly Finding[] {
  const senders = new Map<string, number>();
  return draft.checks.flatMap((check, index): readonly Finding[] => {
    const identity = requests[index]?.identity;
    if (identity === undefined) return [];
    const keys = (vantagesOf(draft, check) ?? []).map((vantage) => `${vantage} ${check.probe} ${identity}`);
    const earlier = keys.map((key) => senders.get(key)).find((sender) => sender !== undefined);
    for (const key of keys) if (!senders.has(key)) senders.set(key, index);
    if (earlier === undefined) return [];
    const other = draft.checks[earlier]?.id ?? `checks[${earlier}]`;
    return [
      warningAt(
        checkPath(index, 'with'),
        `asks for the very request of check "${other}" from the same vantage; each delays the other by a second`,
      ),
    ];
  });
}
