import type { Evidence } from './reading.ts';

/** The fields by which a provider finds a request in its own record, whatever the probe calls them. */
const REQUEST_ID = /request[-_]?id/i;

/** The ids of requests that evidence holds. */
export function requestIdsIn(evidence: Evidence | null): readonly string[] {
  return Object.entries(evidence ?? {}).flatMap(([name, value]) =>
    REQUEST_ID.test(name) ? [String(value)] : [],
  );
}
