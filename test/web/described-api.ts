import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { request } from 'undici';

/** As much of an OpenAPI document as is looked at. */
export interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
}

interface DescribedOperation {
  readonly summary: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
  >;
}

/** The description that a server gives of itself, and what holds an answer against it. */
export interface DescribedApi {
  readonly document: Described;
  /** Everything wrong with an answer, a line each; empty when it is as described. */
  readonly misfits: (
    path: string,
    method: string,
    status: number,
    type: string,
    body: unknown,
  ) => readonly string[];
}

/** Asks a server for its description. */
export async function describedApi(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<DescribedApi> {
  const answer = await request(`${url}/api/openapi.json`, { headers });
  const document = (await answer.body.json()) as Described;
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { 'date-time': isInstant } });
  ajv.addSchema({ ...document, $id: 'api' });
  const validators = new Map<string, ValidateFunction>();
  return {
    document,
    misfits(path, method, status, type, body) {
      const responses = document.paths[path]?.[method]?.responses ?? {};
      const code = String(status) in responses ? String(status) : 'default';
      if (responses[code]?.content?.[type]?.schema === undefined)
        return [`${method} ${path} answers ${status} ${type}, which is not described`];
      const steps = ['paths', path, method, 'responses', code, 'content', type, 'schema'];
      const pointer = steps.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
      const ref = `api#/${encodeURI(pointer)}`;
      const validate = validators.get(ref) ?? ajv.compile({ $ref: ref });
      validators.set(ref, validate);
      if (validate(body)) return [];
      return (validate.errors ?? []).map(({ instancePath, message }) => `${path}${instancePath} ${message}`);
    },
  };
}

function isInstant(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text));
}
