import type { Config } from '../config/config.ts';
import type { Check } from '../core/check.ts';
import type { ProbeKind } from '../core/probe.ts';
import { Secret } from '../core/secret.ts';
import type { ScheduledCheck } from '../schedule/scheduled-check.ts';

/**
 * The checks of a configuration that these vantages run, each with its probe set up. Checks whose settings have not
 * changed get equal fingerprints, so that their schedule goes on.
 */
export function scheduledChecks(
  config: Config,
  kinds: ReadonlyMap<string, ProbeKind>,
  vantages: readonly string[],
): readonly ScheduledCheck[] {
  return config.checks.flatMap((check) => {
    const kind = kinds.get(check.probe);
    const own = check.vantages.filter((vantage) => vantages.includes(vantage));
    if (!kind || own.length === 0) return [];
    const probe = kind.configure(check.settings);
    const specs = kind.values(check.settings);
    const fingerprint = fingerprintOf(check);
    return own.map((vantage) => ({ check, vantage, probe, specs, fingerprint }));
  });
}

/** The requests of a configuration that are sent from other vantages than these, whether or not from these, too. */
export function identitiesElsewhere(
  { checks }: Config,
  kinds: ReadonlyMap<string, ProbeKind>,
  vantages: readonly string[],
): ReadonlySet<string> {
  return new Set(
    checks
      .filter((check) => check.vantages.some((vantage) => !vantages.includes(vantage)))
      .flatMap(({ probe, settings }) => kinds.get(probe)?.configure(settings).identity ?? []),
  );
}

/** Everything about a check as text; a secret counts by its value, so that a rotated one is noticed. */
function fingerprintOf(check: Check): string {
  return (
    JSON.stringify(check, (_key, value: unknown) => {
      if (value instanceof RegExp) return String(value);
      return value;
    }) +
    secretsOf(check.settings)
      .map((secret) => secret.fingerprint())
      .join()
  );
}

function secretsOf(value: unknown): readonly Secret[] {
  if (value instanceof Secret) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(secretsOf);
}
