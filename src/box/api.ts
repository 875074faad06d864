import {
  type ApiAction,
  type ApiParameters,
  type ApiRefusal,
  isRefusal,
  PUBLIC_ACTIONS,
  SIGNED_ACTIONS,
} from './api-actions.ts';
import { record } from './account.ts';
import type { Conduct } from './conduct.ts';
import type { Estate } from './estate.ts';
import type { HttpAnswer, HttpCall } from './http-front.ts';
import { httpFront } from './http-front.ts';
import { BOX_KEY } from './keys.ts';
import type { BoxService } from './service.ts';
import { checkSignature, type SignatureVerdict } from './signature.ts';

const PREFIX = '/api/v1/';

/** Calls that change something; all others would only push these out of the record. */
const RECORDED: ReadonlySet<string> = new Set(['StartVms', 'StopVms']);
/** Characters of a request that the record keeps. */
const MOST_RECORDED = 4_096;

/** How far the date of a signature may be off. */
const SKEW_MS = 300_000;

/**
 * The provider's API: POST /api/v1/<Action> with a JSON body, answers and errors in the provider's shapes, each with
 * a RequestId. Calls that are not public must be signed by the box's key, in either scheme. What calls and faults
 * change stays changed.
 */
export const api = {
  name: 'api',
  summary: "the provider's API",
  port: 21_080,
  faults: ['down', 'silent', 'slow', 'wrong', 'throttled'],
  listen: (port, conduct, estate) => {
    let served = 0;
    return httpFront((call) => answerTo(call, requestId(++served), conduct, estate))(port, conduct);
  },
} as const satisfies BoxService;

const METHOD_NOT_ALLOWED: ApiRefusal = { status: 405, code: '2', type: 'AccessDenied' };
const THROTTLED: ApiRefusal = { status: 503, code: '6', type: 'AccessDenied' };
const UNKNOWN_ACTION: ApiRefusal = { status: 404, code: '12000', type: 'InvalidAction' };
const WRONG_PARAMETER: ApiRefusal = { status: 400, code: '4104', type: 'InvalidParameterValue' };
const NOT_AUTHENTICATED: ApiRefusal = { status: 401, code: '1', type: 'AccessDenied' };

const SIGNATURE_REFUSALS: Readonly<Record<Exclude<SignatureVerdict, 'valid'>, ApiRefusal>> = {
  none: NOT_AUTHENTICATED,
  date: NOT_AUTHENTICATED,
  invalid: NOT_AUTHENTICATED,
  'unknown-key': { status: 400, code: '4120', type: 'InvalidParameterValue' },
};

function answerTo(call: HttpCall, RequestId: string, conduct: Conduct, estate: Estate): HttpAnswer {
  const nowMs = conduct.clock.wallMs();
  const name = call.path.startsWith(PREFIX) ? call.path.slice(PREFIX.length) : '';
  const result = conduct.fault === 'throttled' ? THROTTLED : resultOf(name, call, estate, nowMs);
  const status = isRefusal(result) ? result.status : 200;
  if (RECORDED.has(name))
    record(estate.account, {
      QueryCallName: name,
      QueryDate: new Date(nowMs).toISOString(),
      QueryAccessKey: call.headers.authorization === undefined ? '' : BOX_KEY.accessKey,
      QueryPayloadRaw: call.body.toString().slice(0, MOST_RECORDED),
      RequestId,
      ResponseStatusCode: status,
    });
  return json(status, {
    ...(isRefusal(result) ? { Errors: [{ Type: result.type, Details: '', Code: result.code }] } : result),
    ResponseContext: { RequestId },
  });
}

function resultOf(name: string, call: HttpCall, estate: Estate, nowMs: number): object | ApiRefusal {
  if (call.method !== 'POST') return METHOD_NOT_ALLOWED;
  const open = own(PUBLIC_ACTIONS, name);
  const action = open ?? own(SIGNED_ACTIONS, name);
  if (!action) return UNKNOWN_ACTION;
  const signature = checkSignature(call, { service: 'api', skewMs: SKEW_MS }, nowMs);
  if (signature !== 'valid' && !(open && signature === 'none')) return SIGNATURE_REFUSALS[signature];
  const parameters = parametersOf(call.body.toString());
  if (!parameters) return WRONG_PARAMETER;
  return parameters['DryRun'] === true ? {} : action(estate, parameters);
}

function own(actions: Readonly<Record<string, ApiAction>>, name: string): ApiAction | undefined {
  return Object.hasOwn(actions, name) ? actions[name] : undefined;
}

/** An empty body is taken for an empty request, as the provider takes it. */
function parametersOf(body: string): ApiParameters | undefined {
  if (body === '') return {};
  try {
    const request: unknown = JSON.parse(body);
    return typeof request === 'object' && request !== null && !Array.isArray(request)
      ? { ...request }
      : undefined;
  } catch {
    return undefined;
  }
}

function json(status: number, body: object): HttpAnswer {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}

function requestId(count: number): string {
  return `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
}
