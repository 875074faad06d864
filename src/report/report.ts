import type { ClosedPeriod } from '../core/closed-period.ts';
import type { ReportLanguage } from './figures.ts';
import type { ReportFormat } from './format.ts';
import { reportPage } from './page.ts';
import { reportCsv } from './table.ts';

/** A closing and the text that it was kept as. */
export interface KeptClosing {
  readonly closing: ClosedPeriod;
  readonly text: string;
}

/** A report as text. The same closing gives the same bytes for ever: JSON is what was kept, and nothing else. */
export function reportText(
  { closing, text }: KeptClosing,
  format: ReportFormat,
  language: ReportLanguage,
): string {
  switch (format) {
    case 'html':
      return reportPage(closing, language);
    case 'csv':
      return reportCsv(closing);
    case 'json':
      return `${text}\n`;
  }
}

/** The name of a report's file: `2026-03.html`, of an amendment `2026-03.1.html`. */
export function reportName({ period, number }: ClosedPeriod, extension: string): string {
  const suffix = number === null ? '.provisional' : number === 0 ? '' : `.${number}`;
  return `${period.name}${suffix}.${extension}`;
}
