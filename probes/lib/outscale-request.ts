import { createHash } from 'node:crypto';
import type { OutscaleBody } from './outscale-answer.ts';

/** The services that are called: OAPI, and the AWS-style ones of virtual machines, load balancers and identities. */
export const OUTSCALE_SERVICES = ['api', 'fcu', 'lbu', 'eim'] as const;
export type OutscaleService = (typeof OUTSCALE_SERVICES)[number];

/** One call: `ReadVms` of OAPI, `DescribeInstances` of FCU, with parameters as the service's documents name them. */
export interface OutscaleCall {
  readonly action: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** A call as it is on the wire, but for its signature. */
export interface OutscaleRequest {
  readonly url: URL;
  readonly contentType: string;
  readonly body: string;
  /** The kind of body that the answer has. */
  readonly answers: OutscaleBody;
  /** The call for people: `ReadVms at https://…`. */
  readonly label: string;
  /** Equal for calls that are identical on the wire; the signature and who makes it are left out. */
  readonly identity: string;
}

/** Any date will do; this is that of the EC2 interface that FCU is modelled on. */
const AWS_VERSION = '2016-11-15';

/** Makes a request of a call: a POST, in JSON for OAPI, as an AWS query for the others. */
export function requestFor(service: OutscaleService, origin: string, call: OutscaleCall): OutscaleRequest {
  const { action, parameters = {} } = call;
  const isOapi = service === 'api';
  const url = new URL(isOapi ? `/api/v1/${action}` : '/', origin);
  const body = isOapi ? JSON.stringify(parameters) : queryBody(service, action, parameters);
  const digest = createHash('sha256').update(body).digest('base64url');
  const label = `${action} at ${url.origin}`;
  return {
    url,
    body,
    contentType: isOapi
      ? 'application/json; charset=utf-8'
      : 'application/x-www-form-urlencoded; charset=utf-8',
    answers: isOapi ? 'json' : 'xml',
    label,
    identity: `POST ${url.href} ${action} ${digest}`,
  };
}

function queryBody(service: OutscaleService, action: string, parameters: object): string {
  const listStep = service === 'fcu' ? '' : 'member.';
  const given = flatten('', parameters, listStep);
  const query = new URLSearchParams({ Action: action, Version: AWS_VERSION });
  for (const [name, value] of given) query.set(name, value);
  return query.toString();
}

/** `{ A: [{ B: 1 }] }` as `A.1.B=1`, or `A.member.1.B=1` where lists are written so. */
function flatten(name: string, value: unknown, listStep: string): readonly (readonly [string, string])[] {
  const under = (step: string): string => (name === '' ? step : `${name}.${step}`);
  if (Array.isArray(value))
    return value.flatMap((member: unknown, i) => flatten(under(`${listStep}${i + 1}`), member, listStep));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([step, member]) => flatten(under(step), member, listStep));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? [[name, String(value)]]
    : [];
}
