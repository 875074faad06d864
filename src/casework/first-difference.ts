/** Where two JSON values first differ: the path, and both values as JSON, cut when long. */
export interface Difference {
  readonly path: string;
  readonly was: string;
  readonly is: string;
}

/** The first difference of two JSON values, in the order of the first one's members; undefined when they are equal. */
export function firstDifference(was: unknown, is: unknown, path = ''): Difference | undefined {
  if (Object.is(was, is)) return undefined;
  if (!isNode(was) || !isNode(is) || Array.isArray(was) !== Array.isArray(is))
    return { path, was: shown(was), is: shown(is) };
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  for (const key of keys) {
    const place = Array.isArray(was) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const found = firstDifference(Reflect.get(was, key), Reflect.get(is, key), place);
    if (found) return found;
  }
  return undefined;
}

function isNode(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

const SHOWN_LENGTH = 80;

function shown(value: unknown): string {
  const text = value === undefined ? 'not there' : JSON.stringify(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
