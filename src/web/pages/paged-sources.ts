import type { Sources } from '../sources.ts';
import type { PageSources, PromiseFacts } from './page-sources.ts';

type Needed = 'contract' | 'health' | 'record' | 'revision' | 'pages';

/** Sources that hold all that the pages show. */
export type PagedSources = Omit<Sources, Needed> & {
  readonly [Name in Needed]: NonNullable<Sources[Name]>;
};

/** The sources where they hold all that the pages show; undefined where nothing is judged, or nothing is recorded. */
export function pagedSources(sources: Sources): PagedSources | undefined {
  const { contract, health, record, revision, pages } = sources;
  if (!contract || !health || !record || !revision || !pages) return undefined;
  return { ...sources, contract, health, record, revision, pages };
}

/** The promises of the contract, in its order. */
export function promisesOf({ contract, pages }: PagedSources): readonly PromiseFacts[] {
  return contract().rows.map((row) => promiseOf(row, pages));
}

function promiseOf(
  row: ReturnType<PagedSources['contract']>['rows'][number],
  pages: PageSources,
): PromiseFacts {
  return { ...row, limitMs: pages.limitMs(row.row) };
}
