import { parseInstant } from '../../src/core/instant.ts';
import { readXml, type XmlElement } from './xml-tree.ts';

/**
 * One thing that a provider has published of its own state. For showing beside what was measured, and for nothing
 * else: no verdict is made of what a provider says of itself. Texts are one line, and cut when long.
 */
export interface StatusEntry {
  /** What tells it from the others; its link or its title where the feed gives it no id. */
  readonly id: string;
  readonly title: string;
  readonly kind: 'incident' | 'maintenance' | 'post';
  /** As the provider words it (`investigating`, `resolved`, `scheduled`); undefined in posts. */
  readonly status: string | undefined;
  /** Its beginning, or its publication in posts; milliseconds since the epoch, undefined where it is not told. */
  readonly fromMs: number | undefined;
  /** Its end, planned or reached. */
  readonly toMs: number | undefined;
  readonly updatedMs: number | undefined;
  /** Where it is to be read in full; only http and https. */
  readonly link: string | undefined;
  /** The parts of the platform that it names. */
  readonly components: readonly string[];
}

/** A feed that could be read. */
export interface StatusFeed {
  readonly format: 'statuspage' | 'rss' | 'atom';
  readonly title: string;
  /** The state of all as the provider words it (`none`, `minor`, `major`, `critical`); undefined in RSS and Atom. */
  readonly indicator: string | undefined;
  readonly entries: readonly StatusEntry[];
}

const MOST_ENTRIES = 200;
const LONGEST_TEXT = 200;

/**
 * Reads a status feed: the JSON summary of a Statuspage (`/api/v2/summary.json`), RSS 2.0 or Atom (RFC 4287). Entries
 * without a title are left out; undefined when the text is none of the three.
 */
export function readStatusFeed(text: string): StatusFeed | undefined {
  if (/^\uFEFF?\s*\{/.test(text)) return readSummary(parseJson(text.replace(/^\uFEFF/, '')));
  const root = readXml(text.trim());
  if (root?.name === 'rss') return readRss(root);
  return root?.name === 'feed' ? readAtom(root) : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function readSummary(summary: unknown): StatusFeed | undefined {
  if (!isFields(summary) || !isFields(summary['page'])) return undefined;
  const { page, status } = summary;
  if (!Array.isArray(summary['incidents']) && !isFields(status)) return undefined;
  return {
    format: 'statuspage',
    title: lineOf(page['name']) ?? '',
    indicator: isFields(status) ? lineOf(status['indicator']) : undefined,
    entries: [
      ...listOf(summary['incidents']).map((each) => summaryEntry(each, 'incident')),
      ...listOf(summary['scheduled_maintenances']).map((each) => summaryEntry(each, 'maintenance')),
    ]
      .filter((entry) => entry !== undefined)
      .slice(0, MOST_ENTRIES),
  };
}

function summaryEntry(fields: Fields, kind: 'incident' | 'maintenance'): StatusEntry | undefined {
  const title = lineOf(fields['name']);
  if (title === undefined) return undefined;
  const link = linkOf(fields['shortlink']);
  return {
    id: lineOf(fields['id']) ?? link ?? title,
    title,
    kind,
    status: lineOf(fields['status']),
    fromMs: instantOf(fields['scheduled_for'] ?? fields['started_at'] ?? fields['created_at']),
    toMs: instantOf(fields['resolved_at'] ?? fields['scheduled_until']),
    updatedMs: instantOf(fields['updated_at']),
    link,
    components: listOf(fields['components']).flatMap(({ name }) => lineOf(name) ?? []),
  };
}

function readRss(root: XmlElement): StatusFeed | undefined {
  const channel = childOf(root, 'channel');
  if (!channel) return undefined;
  return feedOf('rss', channel, 'item', (item) =>
    postOf(item, {
      id: textIn(item, 'guid'),
      link: textIn(item, 'link'),
      from: textIn(item, 'pubDate') ?? textIn(item, 'date'),
      updated: undefined,
      components: itemsNamed(item, 'category').map(({ text }) => text),
    }),
  );
}

function readAtom(root: XmlElement): StatusFeed {
  return feedOf('atom', root, 'entry', (entry) => {
    const links = itemsNamed(entry, 'link');
    const own = links.find(({ attributes: { rel = 'alternate' } }) => rel === 'alternate') ?? links[0];
    return postOf(entry, {
      id: textIn(entry, 'id'),
      link: own?.attributes['href'],
      from: textIn(entry, 'published') ?? textIn(entry, 'updated'),
      updated: textIn(entry, 'updated'),
      components: itemsNamed(entry, 'category').flatMap(({ attributes }) => attributes['term'] ?? []),
    });
  });
}

function feedOf(
  format: 'rss' | 'atom',
  parent: XmlElement,
  member: string,
  entryOf: (element: XmlElement) => StatusEntry | undefined,
): StatusFeed {
  const entries = itemsNamed(parent, member).flatMap((element) => entryOf(element) ?? []);
  return {
    format,
    title: textIn(parent, 'title') ?? '',
    indicator: undefined,
    entries: entries.slice(0, MOST_ENTRIES),
  };
}

interface Post {
  readonly id: string | undefined;
  readonly link: string | undefined;
  readonly from: string | undefined;
  readonly updated: string | undefined;
  readonly components: readonly string[];
}

function postOf(element: XmlElement, { id, link, from, updated, components }: Post): StatusEntry | undefined {
  const title = textIn(element, 'title');
  if (title === undefined) return undefined;
  return {
    id: id ?? linkOf(link) ?? title,
    title,
    kind: 'post',
    status: undefined,
    fromMs: instantOf(from),
    toMs: undefined,
    updatedMs: instantOf(updated),
    link: linkOf(link),
    components: components.flatMap((name) => lineOf(name) ?? []),
  };
}

function itemsNamed({ children }: XmlElement, name: string): readonly XmlElement[] {
  return children.filter((child) => child.name === name);
}

function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

function textIn(element: XmlElement, name: string): string | undefined {
  return lineOf(childOf(element, name)?.text);
}

function lineOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const line = value.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  if (line === '') return undefined;
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT)}…` : line;
}

/** A link that a reader may be offered: nothing that a browser would run. */
function linkOf(value: unknown): string | undefined {
  const url = typeof value === 'string' ? URL.parse(value.trim()) : null;
  return url && /^https?:$/.test(url.protocol) ? url.href : undefined;
}

/** The date of a mail (RFC 5322 §3.3), as RSS writes it: with a zone, and its weekday left out or not. */
const MAIL_DATE =
  /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})? (?:[A-Z]{1,4}|[+-]\d{4})$/;

function instantOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (!MAIL_DATE.test(text)) return parseInstant(text);
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
