/** The states of a virtual machine. */
export type VmState =
  'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated' | 'quarantine';

/** A planned intervention, as `ReadVmsState` tells it. */
export interface MaintenanceEvent {
  readonly Code: 'system-reboot' | 'system-maintenance';
  readonly Description: string;
  readonly NotBefore: string;
  readonly NotAfter: string;
}

/** A virtual machine; tests set its fields. */
export interface Vm {
  readonly VmId: string;
  State: VmState;
  SubregionName: string;
  MaintenanceEvents: MaintenanceEvent[];
  /** Why the next start is refused; undefined: it succeeds. */
  startRefused?: { readonly status: number; readonly code: string; readonly type: string } | undefined;
  /** Whether a machine that was told to start gets to `running` by itself. */
  starts: boolean;
}

/** A volume. */
export interface Volume {
  readonly VolumeId: string;
  State: 'creating' | 'available' | 'in-use' | 'deleting' | 'error';
  SubregionName: string;
  Size: number;
  VolumeType: 'standard' | 'gp2' | 'io1';
  Iops?: number;
  SnapshotId?: string;
  /** By which the same creation, asked for twice, is one. */
  ClientToken?: string;
  /** RFC 3339, UTC. */
  CreationDate: string;
  LinkedVolumes: { VmId: string; DeviceName: string; State: string; VolumeId: string }[];
  Tags: Tag[];
}

/** A snapshot. */
export interface Snapshot {
  readonly SnapshotId: string;
  State: 'in-queue' | 'pending' | 'completed' | 'error' | 'deleting';
  Progress: number;
  readonly VolumeId: string;
  VolumeSize: number;
  Description: string;
  /** RFC 3339, UTC. */
  CreationDate: string;
  Tags: Tag[];
}

/** A load balancer with the health of what is behind it, in either of the provider's vocabularies. */
export interface LoadBalancer {
  readonly LoadBalancerName: string;
  State: 'provisioning' | 'starting' | 'reloading' | 'active' | 'reconfiguring' | 'deleting' | 'deleted';
  DnsName: string;
  SubregionNames: string[];
  BackendVmIds: string[];
  health: Record<
    string,
    { State: 'InService' | 'OutOfService' | 'UP' | 'DOWN' | 'Unknown'; StateReason?: 'ELB' | 'Instance' }
  >;
}

/** A key and a value on a resource. */
export interface Tag {
  Key: string;
  Value: string;
}

/** One line of `ReadApiLogs`. */
export interface ApiLog {
  readonly QueryCallName: string;
  /** RFC 3339, UTC. */
  readonly QueryDate: string;
  readonly AccountId: string;
  readonly QueryAccessKey: string;
  readonly QueryPayloadRaw: string;
  readonly QueryUserAgent: string;
  readonly QueryIpAddress: string;
  readonly RequestId: string;
  readonly ResponseStatusCode: number;
}

/** All that one region holds. Tests read and set it as they like. */
export interface RegionState {
  readonly regionName: string;
  subregions: string[];
  readonly vms: Map<string, Vm>;
  readonly volumes: Map<string, Volume>;
  /** What a volume is that was just made. */
  newVolumeState: Volume['State'];
  readonly snapshots: Map<string, Snapshot>;
  readonly loadBalancers: Map<string, LoadBalancer>;
  readonly apiLogs: ApiLog[];
}

/** A region with three subregions and nothing in it. */
export function emptyRegion(regionName: string): RegionState {
  return {
    regionName,
    subregions: ['a', 'b', 'c'].map((letter) => `${regionName}${letter}`),
    vms: new Map(),
    volumes: new Map(),
    newVolumeState: 'available',
    snapshots: new Map(),
    loadBalancers: new Map(),
    apiLogs: [],
  };
}

/** Puts a running machine there. */
export function addVm(region: RegionState, VmId: string, more: Partial<Vm> = {}): Vm {
  const [SubregionName = ''] = region.subregions;
  const vm: Vm = { VmId, State: 'running', SubregionName, MaintenanceEvents: [], starts: true, ...more };
  region.vms.set(VmId, vm);
  return vm;
}

/** Puts an available volume of 1 GiB there. */
export function addVolume(region: RegionState, VolumeId: string, more: Partial<Volume> = {}): Volume {
  const [SubregionName = ''] = region.subregions;
  const volume: Volume = {
    VolumeId,
    State: 'available',
    SubregionName,
    Size: 1,
    VolumeType: 'standard',
    CreationDate: '2020-01-01T00:00:00.000Z',
    LinkedVolumes: [],
    Tags: [],
    ...more,
  };
  region.volumes.set(VolumeId, volume);
  return volume;
}

/** Puts a completed snapshot there. */
export function addSnapshot(region: RegionState, SnapshotId: string, more: Partial<Snapshot> = {}): Snapshot {
  const snapshot: Snapshot = {
    SnapshotId,
    State: 'completed',
    Progress: 100,
    VolumeId: 'vol-00000001',
    VolumeSize: 1,
    Description: '',
    CreationDate: '2020-01-01T00:00:00.000Z',
    Tags: [],
    ...more,
  };
  region.snapshots.set(SnapshotId, snapshot);
  return snapshot;
}

/** Puts an active load balancer there, its backends in service. */
export function addLoadBalancer(
  region: RegionState,
  LoadBalancerName: string,
  BackendVmIds: string[],
  more: Partial<LoadBalancer> = {},
): LoadBalancer {
  const [SubregionName = ''] = region.subregions;
  const balancer: LoadBalancer = {
    LoadBalancerName,
    State: 'active',
    DnsName: `${LoadBalancerName}.${region.regionName}.lbu.outscale.com`,
    SubregionNames: [SubregionName],
    BackendVmIds,
    health: Object.fromEntries(BackendVmIds.map((id) => [id, { State: 'UP' as const }])),
    ...more,
  };
  region.loadBalancers.set(LoadBalancerName, balancer);
  return balancer;
}
