/** The error that a body tells of; the code empty when there is none in it. */
export interface S3Error {
  readonly code: string;
  readonly requestId: string;
}

const LONGEST_ERROR = 65_536;

/** The error in a body of S3 (`<Error><Code>…`). Never fails: a body of anything else has the empty code. */
export function decodeError(body: Uint8Array): S3Error {
  const text = Buffer.from(body).toString('latin1', 0, LONGEST_ERROR);
  const begin = text.indexOf('<Error>');
  const error = begin < 0 ? '' : text.slice(begin, Math.max(begin, text.lastIndexOf('</Error>')));
  return {
    code: /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(error)?.[1] ?? '',
    requestId: /<RequestId>([\w.:+/=-]{1,128})<\/RequestId>/.exec(error)?.[1] ?? '',
  };
}

/** One page of a list of objects. */
export interface S3Listing {
  readonly keys: readonly string[];
  /** Whether there are more. */
  readonly truncated: boolean;
}

/**
 * The keys in an answer to ListObjects. Keys come as they are in XML: they are compared only with our own, which hold
 * no character that XML would write otherwise. Undefined when the body is no such list.
 */
export function decodeListing(body: Uint8Array): S3Listing | undefined {
  const text = Buffer.from(body).toString('utf8');
  if (!/<ListBucketResult[\s>]/.test(text) || !/<\/ListBucketResult>\s*$/.test(text)) return undefined;
  // A pattern over the whole of it would take the square of its length where a body is made to that end.
  const keys = text
    .split('<Contents>')
    .slice(1)
    .flatMap((contents) => {
      const key = /<Key>([^<]*)<\/Key>/.exec(contents)?.[1];
      return key === undefined ? [] : [key];
    });
  return { keys, truncated: /<IsTruncated>\s*true\s*<\/IsTruncated>/.test(text) };
}
