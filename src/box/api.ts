import type { HttpAnswer, HttpCall } from './http-front.ts';
import { httpFront } from './http-front.ts';
import { BOX_REGION, BOX_VM } from './region.ts';
import type { BoxService } from './service.ts';

const PREFIX = '/api/v1/';

/** What the calls that are known answer with, besides the context that every answer has. */
const ANSWERS: Readonly<Record<string, object>> = {
  ReadRegions: { Regions: [{ RegionName: BOX_REGION, Endpoint: `api.${BOX_REGION}.outscale.com` }] },
  ReadPublicIpRanges: { PublicIps: ['198.51.100.0/24', '203.0.113.0/24'] },
  ReadVmTypes: {
    VmTypes: [
      {
        VmTypeName: 't2.small',
        VcoreCount: 1,
        MemorySize: 2,
        MaxPrivateIps: 4,
        BsuOptimized: false,
        VolumeCount: 0,
      },
    ],
  },
  ReadNetAccessPointServices: {
    Services: [
      {
        ServiceId: 'pl-00000001',
        ServiceName: `com.outscale.${BOX_REGION}.api`,
        IpRanges: ['198.51.100.1/32'],
      },
    ],
  },
  ReadVmsState: {
    VmStates: [
      { VmId: BOX_VM.id, VmState: 'running', SubregionName: BOX_VM.subregion, MaintenanceEvents: [] },
    ],
  },
  ReadLoadBalancers: { LoadBalancers: [{ LoadBalancerName: 'front', State: 'active' }] },
};

/**
 * The provider's API: POST /api/v1/<Action> with a JSON body, answers and errors in the provider's shapes, each with
 * a RequestId. It checks no signature: where a real region wants one, it answers as to a signed request.
 */
export const api = {
  name: 'api',
  summary: "the provider's API",
  port: 21_080,
  faults: ['down', 'silent', 'slow', 'wrong'],
  listen: (port, conduct) => {
    let served = 0;
    return httpFront((call) => answerTo(call, requestId(++served)))(port, conduct);
  },
} as const satisfies BoxService;

function answerTo({ method, path, body }: HttpCall, RequestId: string): HttpAnswer {
  const action = path.startsWith(PREFIX) ? path.slice(PREFIX.length) : '';
  const answer = Object.hasOwn(ANSWERS, action) ? ANSWERS[action] : undefined;
  if (method !== 'POST') return refusal(405, '2', 'AccessDenied', RequestId);
  if (!answer || !isRequest(body.toString())) return refusal(400, '0', 'DefaultError', RequestId);
  return json(200, { ...answer, ResponseContext: { RequestId } });
}

/** An empty body is taken for an empty request, as the provider takes it. */
function isRequest(body: string): boolean {
  if (body === '') return true;
  try {
    const request: unknown = JSON.parse(body);
    return typeof request === 'object' && request !== null && !Array.isArray(request);
  } catch {
    return false;
  }
}

function refusal(status: number, Code: string, Type: string, RequestId: string): HttpAnswer {
  return json(status, { Errors: [{ Code, Type, Details: '' }], ResponseContext: { RequestId } });
}

function json(status: number, body: object): HttpAnswer {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}

function requestId(count: number): string {
  return `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
}
