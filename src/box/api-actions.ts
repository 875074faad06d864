import type { Account, BoxApiLog, BoxSnapshot, BoxVm } from './account.ts';
import type { Estate } from './estate.ts';
import { isServing } from './load-balancer.ts';
import { BOX_BACKENDS, BOX_BALANCER, BOX_REGION, BOX_SUBREGIONS, BOX_VM, BOX_VOLUME } from './region.ts';

/** An error of the API: the status, and the code and type that the provider writes. */
export interface ApiRefusal {
  readonly status: number;
  readonly code: string;
  readonly type: string;
}

/** The parameters of a call. */
export type ApiParameters = Readonly<Record<string, unknown>>;

/** Carries out one call: the fields of its answer, or why not. */
export type ApiAction = (estate: Estate, parameters: ApiParameters) => object | ApiRefusal;

/** Whether a call came to an error. */
export function isRefusal(result: object): result is ApiRefusal {
  return 'status' in result && 'code' in result;
}

const NO_SUCH_VM: ApiRefusal = { status: 400, code: '5063', type: 'InvalidResource' };
const NO_SUCH_BALANCER: ApiRefusal = { status: 400, code: '5030', type: 'InvalidResource' };
const WRONG_STATE: ApiRefusal = { status: 409, code: '6003', type: 'InvalidState' };
const NO_CAPACITY: ApiRefusal = { status: 400, code: '10001', type: 'InsufficientCapacity' };

/** Calls that need no signature. */
export const PUBLIC_ACTIONS: Readonly<Record<string, ApiAction>> = {
  ReadRegions: () => ({
    Regions: [{ RegionName: BOX_REGION, Endpoint: `api.${BOX_REGION}.outscale.com` }],
  }),
  ReadPublicIpRanges: () => ({ PublicIps: ['198.51.100.0/24', '203.0.113.0/24'] }),
  ReadVmTypes: () => ({ VmTypes: [{ VmTypeName: 't2.small', VcoreCount: 1, MemorySize: 2 }] }),
  ReadNetAccessPointServices: () => ({
    Services: [{ ServiceId: 'pl-00000001', ServiceName: `com.outscale.${BOX_REGION}.api` }],
  }),
};

/** Calls that must be signed. */
export const SIGNED_ACTIONS: Readonly<Record<string, ApiAction>> = {
  ReadSubregions: () => ({
    Subregions: BOX_SUBREGIONS.map((SubregionName) => ({ SubregionName, State: 'available' })),
  }),
  ReadNets: () => ({ Nets: [{ NetId: 'vpc-0b0c5e01', State: 'available', IpRange: '10.0.0.0/16' }] }),
  ReadVmsState: ({ account }, parameters) => ({
    VmStates: wantedOf(parameters, 'VmIds', [...account.vms.values()])
      .filter(({ state }) => parameters['AllVms'] === true || state === 'running')
      .map(({ id, state, subregion }) => ({
        VmId: id,
        VmState: state,
        SubregionName: subregion,
        MaintenanceEvents: [],
      })),
  }),
  StartVms: ({ account }, parameters) => {
    const vms = namedVms(account, parameters);
    if (vms?.some(({ startable }) => !startable)) return NO_CAPACITY;
    return moveVms(vms, 'stopped', 'running');
  },
  StopVms: ({ account }, parameters) => moveVms(namedVms(account, parameters), 'running', 'stopped'),
  ReadApiLogs: ({ account }, parameters) => logPage(account.apiLogs, parameters),
  ReadVolumes: (_estate, parameters) => ({
    Volumes: wantedOf(parameters, 'VolumeIds', [{ id: BOX_VOLUME }]).map(({ id }) => ({
      VolumeId: id,
      State: 'in-use',
      Size: 1,
      SubregionName: BOX_VM.subregion,
      LinkedVolumes: [{ VmId: BOX_VM.id, VolumeId: id, State: 'attached' }],
    })),
  }),
  ReadSnapshots: ({ account }, parameters) => ({
    Snapshots: tagged(parameters, wantedOf(parameters, 'SnapshotIds', [...account.snapshots.values()])).map(
      snapshotFields,
    ),
  }),
  ReadLoadBalancers: (_estate, parameters) => ({
    LoadBalancers: wantedOf(parameters, 'LoadBalancerNames', [{ id: BOX_BALANCER }]).map(({ id }) => ({
      LoadBalancerName: id,
      State: 'active',
      BackendVmIds: Object.values(BOX_BACKENDS),
    })),
  }),
  ReadVmsHealth: ({ faultOf }, { LoadBalancerName: name }) =>
    name === BOX_BALANCER
      ? {
          BackendVmHealth: Object.entries(BOX_BACKENDS).map(([service, VmId]) => ({
            VmId,
            State: isServing(faultOf(service)) ? 'UP' : 'DOWN',
          })),
        }
      : NO_SUCH_BALANCER,
};

function filtersOf({ Filters: filters }: ApiParameters): ApiParameters {
  return typeof filters === 'object' && filters !== null ? { ...filters } : {};
}

/** The members that a filter asks for by their ids, or all. */
function wantedOf<T extends { readonly id: string }>(
  parameters: ApiParameters,
  filter: string,
  members: readonly T[],
): readonly T[] {
  const ids = filtersOf(parameters)[filter];
  return Array.isArray(ids) ? members.filter(({ id }) => ids.includes(id)) : members;
}

/** Those that the filters ask for by `Tags` (`KEY=VALUE`) and by `TagKeys`. */
function tagged(parameters: ApiParameters, members: readonly BoxSnapshot[]): readonly BoxSnapshot[] {
  const { Tags: pairs, TagKeys: keys } = filtersOf(parameters);
  return members.filter(
    ({ tag: { Key, Value } }) =>
      (!Array.isArray(pairs) || pairs.includes(`${Key}=${Value}`)) &&
      (!Array.isArray(keys) || keys.includes(Key)),
  );
}

/** Long enough ago for the durability of a snapshot to be promised. */
const MADE = '2026-01-05T08:00:00.000Z';

function snapshotFields({ id, state, sizeGib, tag }: BoxSnapshot): object {
  return {
    SnapshotId: id,
    State: state,
    Progress: 100,
    VolumeId: BOX_VOLUME,
    VolumeSize: sizeGib,
    CreationDate: MADE,
    Tags: [tag],
  };
}

/** The machines that a call names; undefined when one of them is not there, or none is named. */
function namedVms({ vms }: Account, { VmIds: ids }: ApiParameters): readonly BoxVm[] | undefined {
  const named = Array.isArray(ids) ? ids.map((id) => vms.get(String(id))) : [];
  const found = named.filter((vm) => vm !== undefined);
  return found.length > 0 && found.length === named.length ? found : undefined;
}

/** Takes all machines from one state to another, or none. What the provider does in a while is done at once. */
function moveVms(
  vms: readonly BoxVm[] | undefined,
  from: BoxVm['state'],
  to: BoxVm['state'],
): object | ApiRefusal {
  if (!vms) return NO_SUCH_VM;
  if (vms.some(({ state }) => state !== from)) return WRONG_STATE;
  for (const vm of vms) vm.state = to;
  return { Vms: vms.map(({ id }) => ({ VmId: id, PreviousState: from, CurrentState: to })) };
}

/** The newest first, a page at a time; the page after it is named by where it begins. */
function logPage(logs: readonly BoxApiLog[], parameters: ApiParameters): object {
  const { QueryCallNames: names, QueryDateAfter: after, QueryDateBefore: before } = filtersOf(parameters);
  const found = logs.filter(
    ({ QueryCallName, QueryDate }) =>
      (!Array.isArray(names) || names.includes(QueryCallName)) &&
      !(Date.parse(QueryDate) < Date.parse(String(after))) &&
      !(Date.parse(QueryDate) > Date.parse(String(before))),
  );
  const from = Number(parameters['NextPageToken'] ?? 0);
  const to = from + Number(parameters['ResultsPerPage'] ?? MOST_RESULTS);
  const page = found.toReversed().slice(from, to);
  return { Logs: page, ...(to < found.length ? { NextPageToken: String(to) } : {}) };
}

const MOST_RESULTS = 100;
