import { html } from 'hono/html';
import { durationText, instantText, type LargestUnit } from './formats.ts';
import type { Language } from './language.ts';
import type { Texts } from './texts/texts.ts';

/** A piece of a page, escaped. */
export type Html = ReturnType<typeof html>;

/** Query parameters by name; those that are undefined or empty are left out. */
export type Query = Readonly<Record<string, string | undefined>>;

/** For whom a page is written. */
export interface View {
  readonly language: Language;
  readonly texts: Texts;
  /** IANA name; instants are shown in it. */
  readonly zone: string;
  /** The address of another page, in the language that was asked for by name, if one was. */
  readonly href: (path: string, query?: Query) => string;
  /** The address of a static asset. */
  readonly asset: (name: string) => string;
}

/** An instant of RFC 3339 for people, in the zone of the contract with its offset. */
export function time(view: View, instant: string): Html {
  return html`<time datetime="${instant}">${instantText(instant, view.zone)}</time>`;
}

/** Milliseconds in words, exactly. */
export function duration(view: View, ms: number, largest?: LargestUnit): string {
  return durationText(ms, view.language, largest);
}

/** Text of the configuration, the contract or a probe, which is not translated. */
export function asGiven(view: View, text: string): Html {
  return view.language === 'en' ? html`${text}` : html`<span lang="en">${text}</span>`;
}

/** A path with its query, encoded. */
export function address(path: string, query: Query = {}): string {
  const filled = Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : []));
  return filled.length === 0 ? path : `${path}?${new URLSearchParams(filled).toString()}`;
}

/** The path of the page of a row. */
export function rowPath(row: string): string {
  return `/rows/${encodeURIComponent(row)}`;
}

/** The path of the page of an incident, by when it began. */
export function incidentPath(row: string, scope: string, from: string): string {
  return `/incidents/${encodeURIComponent(row)}/${encodeURIComponent(scope)}/${encodeURIComponent(from)}`;
}
