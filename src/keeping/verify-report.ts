import type { ArchivedClosing, ArchiveReader } from './archive-reader.ts';
import { parseClosing } from '../closing/closing-book.ts';
import { firstDifference } from '../casework/first-difference.ts';
import { REPORT_LANGUAGES } from '../report/figures.ts';
import { REPORT_FORMATS } from '../report/format.ts';
import { reportText } from '../report/report.ts';

/** A report that is not what a closing of the archive makes. */
export interface ReportFault {
  readonly code: 'report-differs' | 'report-not-comparable';
  /** The file of the report. */
  readonly where: string;
  readonly detail: string;
}

/**
 * Whether a report is, to the byte, what one of the archived closings makes: as HTML in either language, as CSV, or as JSON.
 * What a PDF shows cannot be compared.
 */
export async function verifyReport(
  where: string,
  content: Uint8Array,
  reader: ArchiveReader,
): Promise<readonly ReportFault[]> {
  const text = new TextDecoder().decode(content);
  if (text.startsWith('%PDF-')) {
    const detail = 'a PDF cannot be compared: verify the report as HTML, CSV or JSON';
    return [{ code: 'report-not-comparable', where, detail }];
  }
  const closings = await reader.closings();
  if (closings.some((closing) => formsOf(closing).includes(text))) return [];
  return [{ code: 'report-differs', where, detail: differenceTo(closings, text) }];
}

function formsOf({ closing, text }: ArchivedClosing): readonly string[] {
  if (!closing) return [];
  return REPORT_FORMATS.flatMap((format) =>
    REPORT_LANGUAGES.map((language) => reportText({ closing, text }, format, language)),
  );
}

/** Where it differs from the closing that it is most like. */
function differenceTo(closings: readonly ArchivedClosing[], text: string): string {
  const told = parseClosing(text);
  if (told) {
    const own = closings.find(
      ({ closing }) => closing?.period.name === told.period.name && closing.number === told.number,
    );
    if (!own) return `the archive has no closing ${told.period.name}#${told.number}`;
    const difference = firstDifference(own.closing, told);
    if (difference)
      return `${difference.path} is ${difference.is}, and ${difference.was} in ${own.link.file}`;
    return `it says what ${own.link.file} says, in other bytes`;
  }
  const forms = closings.flatMap((closing) =>
    formsOf(closing).map((form) => ({ form, file: closing.link.file })),
  );
  const nearest = forms
    .map(({ form, file }) => ({ file, line: firstOtherLine(form, text) }))
    .reduce<{ readonly file: string; readonly line: number } | undefined>(
      (best, one) => (best && best.line >= one.line ? best : one),
      undefined,
    );
  return nearest
    ? `it is not what any closing makes; from ${nearest.file} it differs in line ${nearest.line}`
    : 'the archive has no closing';
}

function firstOtherLine(a: string, b: string): number {
  const [left, right] = [a.split('\n'), b.split('\n')];
  const at = left.findIndex((line, i) => line !== right[i]);
  return (at < 0 ? left.length : at) + 1;
}
