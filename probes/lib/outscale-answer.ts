import { isXmlDocument, xmlField } from './outscale-xml.ts';

/** What the provider says went wrong, in its own words. */
export interface OutscaleError {
  /** `4120`, `AuthFailure`: what decisions are made by. */
  readonly code: string;
  /** The class of the error, for people; empty where there is none. */
  readonly type: string;
}

/** An answer of the provider, whatever its service: OAPI (JSON), problem+json (RFC 9457), or AWS-style XML. */
export interface OutscaleAnswer {
  readonly status: number;
  /** Whether the body is one that the service gives with such a status, read to its end. */
  readonly wellFormed: boolean;
  readonly error?: OutscaleError;
  /** By which the provider finds the call in its own records. */
  readonly requestId?: string;
  /** The fields of a JSON body; empty for any other. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The document of an XML body; empty for any other. */
  readonly xml: string;
}

/** Which kind of body a service gives. */
export type OutscaleBody = 'json' | 'xml';

/** An answer as it arrived, without anything in it that must not be told. */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  /** The id of the request in the headers, for answers that have none in their body. */
  readonly headerId: string | undefined;
}

/** Reads an answer of a service that gives such bodies. */
export function decodeAnswer({ status, text, headerId }: RawAnswer, expected: OutscaleBody): OutscaleAnswer {
  const json = parseObject(text);
  if (json) return decodeJson(status, json, expected, headerId);
  if (isXmlDocument(text)) return decodeXml(status, text, expected, headerId);
  return answer(status, { requestId: headerId });
}

interface Found {
  readonly wellFormed?: boolean;
  readonly error?: OutscaleError | undefined;
  readonly requestId: string | undefined;
  readonly fields?: OutscaleAnswer['fields'];
  readonly xml?: string;
}

function answer(status: number, found: Found): OutscaleAnswer {
  const { wellFormed = false, error, requestId, fields = {}, xml = '' } = found;
  return {
    status,
    wellFormed,
    fields,
    xml,
    ...(error ? { error } : {}),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

function decodeJson(
  status: number,
  fields: OutscaleAnswer['fields'],
  expected: OutscaleBody,
  headerId: string | undefined,
): OutscaleAnswer {
  const context = fields['ResponseContext'];
  const requestId = (isObject(context) ? textOf(context['RequestId']) : undefined) ?? headerId;
  const error = listedError(fields) ?? problemOf(fields);
  const wellFormed = isSuccess(status) ? expected === 'json' && isObject(context) && !error : Boolean(error);
  return answer(status, { wellFormed, error, requestId, fields });
}

/** The first member of `Errors`: `{ Code, Type, Details }`. Its details are left: they may quote the request. */
function listedError({ Errors }: OutscaleAnswer['fields']): OutscaleError | undefined {
  const first: unknown = Array.isArray(Errors) ? Errors[0] : undefined;
  const code = isObject(first) ? textOf(first['Code']) : undefined;
  return code === undefined || !isObject(first) ? undefined : { code, type: textOf(first['Type']) ?? '' };
}

/** A problem of RFC 9457 §3: its code is a member of that name, or else the last part of its type. */
function problemOf(fields: OutscaleAnswer['fields']): OutscaleError | undefined {
  const [title, type] = [textOf(fields['title']), textOf(fields['type'])];
  if (title === undefined && type === undefined) return undefined;
  const code = textOf(fields['code']) ?? type?.split(/[/:#]/).findLast((part) => part !== '');
  return { code: code ?? title ?? '', type: title ?? '' };
}

function decodeXml(
  status: number,
  xml: string,
  expected: OutscaleBody,
  headerId: string | undefined,
): OutscaleAnswer {
  const code = isSuccess(status) ? undefined : xmlField(xml, 'Code');
  const requestId =
    xmlField(xml, 'RequestId') ?? xmlField(xml, 'requestId') ?? xmlField(xml, 'RequestID') ?? headerId;
  const error = code === undefined ? undefined : { code, type: xmlField(xml, 'Type') ?? '' };
  const wellFormed = isSuccess(status) ? expected === 'xml' : Boolean(error);
  return answer(status, { wellFormed, error, requestId, xml });
}

function parseObject(text: string): OutscaleAnswer['fields'] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value of JSON is an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
