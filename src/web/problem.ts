/** Titles of the statuses that the server answers with when it does not do as asked. */
const TITLES = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  409: 'Conflict',
  413: 'Body too large',
  415: 'Unsupported media type',
  422: 'Not possible',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available',
} as const;

/** A status that says no. */
export type ProblemStatus = keyof typeof TITLES;

/** An answer that says no, as problem+json (RFC 9457). `detail` is for people and holds nothing internal. */
export function problem(
  status: ProblemStatus,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = JSON.stringify({ type: 'about:blank', title: TITLES[status], status, detail });
  return new Response(body, { status, headers: { ...headers, 'Content-Type': 'application/problem+json' } });
}

/** The answer to a method that there is none of; says which there are (RFC 9110 §10.2.1). */
export function methodNotAllowed(allow: string): Response {
  return problem(405, `only ${allow} here`, { Allow: allow });
}
