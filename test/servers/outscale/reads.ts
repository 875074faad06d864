import { REFUSALS } from './refusal.ts';
import type { Act } from './action.ts';
import { filtered } from './action.ts';

/** Calls that change nothing, by name. */
export const READS: Readonly<Record<string, Act>> = {
  ReadRegions: ({ region }) => ({
    Regions: [{ RegionName: region.regionName, Endpoint: `api.${region.regionName}.outscale.com` }],
  }),
  ReadSubregions: ({ region }) => ({
    Subregions: region.subregions.map((SubregionName) => ({
      SubregionName,
      RegionName: region.regionName,
      State: 'available',
      LocationCode: 'EU-FR',
    })),
  }),
  ReadNets: () => ({ Nets: [] }),
  ReadPublicIpRanges: () => ({ PublicIps: ['198.51.100.0/24'] }),
  ReadVmTypes: () => ({ VmTypes: [{ VmTypeName: 't2.small', VcoreCount: 1, MemorySize: 2 }] }),
  ReadVms: ({ region, body }) => {
    const vms = filtered(body, 'VmIds', region.vms);
    return {
      Vms: vms.map(({ VmId, State, SubregionName }) => ({
        VmId,
        State,
        Placement: { SubregionName, Tenancy: 'default' },
      })),
    };
  },
  /** Running machines only, unless all are asked for. */
  ReadVmsState: ({ region, body }) => ({
    VmStates: filtered(body, 'VmIds', region.vms)
      .filter(({ State }) => body['AllVms'] === true || State === 'running')
      .map(({ VmId, State, SubregionName, MaintenanceEvents }) => ({
        VmId,
        VmState: State,
        SubregionName,
        MaintenanceEvents,
      })),
  }),
  ReadVolumes: ({ region, body }) => ({ Volumes: filtered(body, 'VolumeIds', region.volumes) }),
  ReadSnapshots: ({ region, body }) => ({ Snapshots: filtered(body, 'SnapshotIds', region.snapshots) }),
  ReadLoadBalancers: ({ region, body }) => ({
    LoadBalancers: filtered(body, 'LoadBalancerNames', region.loadBalancers).map(
      ({ health: _health, ...shown }) => shown,
    ),
  }),
  ReadVmsHealth: ({ region, body }) => {
    const balancer = region.loadBalancers.get(String(body['LoadBalancerName']));
    if (!balancer) return REFUSALS.noSuchLoadBalancer;
    const asked = body['BackendVmIds'];
    const ids = Array.isArray(asked) ? asked.map(String) : balancer.BackendVmIds;
    return {
      BackendVmHealth: ids.map((VmId) => ({ VmId, ...(balancer.health[VmId] ?? { State: 'Unknown' }) })),
    };
  },
  ReadApiLogs: ({ region }) => ({ Logs: region.apiLogs.toReversed() }),
};
