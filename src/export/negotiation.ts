import type { ExpositionFormat } from './batch.ts';

/**
 * The format that a scraper prefers, from its `Accept` and `Accept-Encoding` headers (RFC 9110 §12.5). OpenMetrics
 * only when it is named and liked at least as much as plain text; gzip only when it is accepted by name or by `*`.
 */
export function negotiateFormat(
  accept: string | undefined,
  acceptEncoding: string | undefined,
): ExpositionFormat {
  const types = qualities(accept);
  const openmetrics = types.get('application/openmetrics-text') ?? 0;
  const plain = types.get('text/plain') ?? types.get('text/*') ?? types.get('*/*') ?? 0;
  const encodings = qualities(acceptEncoding);
  return {
    syntax: openmetrics > 0 && openmetrics >= plain ? 'openmetrics' : 'prometheus',
    gzip: (encodings.get('gzip') ?? encodings.get('*') ?? 0) > 0,
  };
}

const QUALITY = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/** The highest quality of each token of a list header, whatever its other parameters. A malformed q refuses it. */
function qualities(header: string | undefined): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const item of (header ?? '').split(',')) {
    const [token = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = weight === undefined ? 1 : Number(QUALITY.exec(weight)?.[1] ?? 0);
    if (token) found.set(token, Math.max(quality, found.get(token) ?? 0));
  }
  return found;
}
