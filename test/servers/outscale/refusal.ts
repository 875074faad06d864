/** An error as the provider gives it. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly type: string;
  readonly details?: string;
}

/** Recorded or published statuses, codes and types. */
export const REFUSALS = {
  notAuthenticated: { status: 401, code: '1', type: 'AccessDenied' },
  unknownKey: { status: 400, code: '4120', type: 'InvalidParameterValue' },
  lockedForGood: { status: 401, code: '11', type: 'AccessDenied' },
  lockedForAWhile: { status: 401, code: '13', type: 'AccessDenied' },
  throttledPlatform: { status: 503, code: '6', type: 'AccessDenied' },
  throttledAccount: { status: 429, code: '24', type: 'AccessDenied' },
  throttledCall: { status: 429, code: '25', type: 'AccessDenied' },
  methodNotAllowed: { status: 405, code: '2', type: 'AccessDenied' },
  unknownAction: { status: 404, code: '12000', type: 'InvalidAction' },
  wrongParameter: { status: 400, code: '4104', type: 'InvalidParameterValue' },
  noSuchVm: { status: 400, code: '5063', type: 'InvalidResource' },
  noSuchVolume: { status: 400, code: '5064', type: 'InvalidResource' },
  noSuchSnapshot: { status: 400, code: '5054', type: 'InvalidResource' },
  noSuchLoadBalancer: { status: 400, code: '5030', type: 'InvalidResource' },
  noCapacity: { status: 400, code: '10001', type: 'InsufficientCapacity' },
  vmQuota: { status: 400, code: '10042', type: 'TooManyResources (QuotaExceeded)' },
  internal: { status: 500, code: '2000', type: 'InternalError' },
  wrongState: { status: 409, code: '6003', type: 'InvalidState' },
} as const satisfies Record<string, Refusal>;

/** A body and its type. */
export interface Body {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** As OAPI writes it. */
export function oapiRefusal({ status, code, type, details = '' }: Refusal, RequestId: string): Body {
  const body = { Errors: [{ Type: type, Details: details, Code: code }], ResponseContext: { RequestId } };
  return { status, type: 'application/json', text: JSON.stringify(body) };
}

/** As newer services write it (RFC 9457). */
export function problemRefusal({ status, code, type, details = '' }: Refusal, requestId: string): Body {
  const body = {
    type: `https://docs.outscale.com/errors/${code}`,
    title: type,
    status,
    detail: details,
    requestId,
  };
  return { status, type: 'application/problem+json', text: JSON.stringify(body) };
}

const WORDS: Readonly<Record<string, string>> = {
  '1': 'AuthFailure',
  '4120': 'InvalidClientTokenId',
  '6': 'RequestLimitExceeded',
  '24': 'RequestLimitExceeded',
  '25': 'RequestLimitExceeded',
  '12000': 'InvalidAction',
};

/** As the AWS-style services write it: FCU in one shape, LBU and EIM in another. */
export function xmlRefusal({ status, code, type }: Refusal, requestId: string, service: string): Body {
  const word = WORDS[code] ?? code;
  const error = `<Code>${word}</Code><Message>${type}</Message>`;
  const text =
    service === 'fcu'
      ? `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>${error}</Error></Errors><RequestID>${requestId}</RequestID></Response>`
      : `<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/"><Error><Type>Sender</Type>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status, type: 'text/xml', text };
}
