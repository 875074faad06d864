import { REFUSALS } from './refusal.ts';
import type { Act } from './action.ts';
import { filtered, isWanted, paged, tagged } from './action.ts';
import type { ApiLog } from './state.ts';

function instantOf(date: unknown): number {
  return typeof date === 'string' ? Date.parse(date) : NaN;
}

/** Whether a call on record is of these names and this span, those of the filters that are there. */
function isAskedFor({ QueryCallName, QueryDate }: ApiLog, filters: unknown): boolean {
  if (typeof filters !== 'object' || !filters) return true;
  const { QueryCallNames, QueryDateAfter, QueryDateBefore } = filters as Record<string, unknown>;
  if (Array.isArray(QueryCallNames) && !QueryCallNames.includes(QueryCallName)) return false;
  const atMs = Date.parse(QueryDate);
  return (
    (QueryDateAfter === undefined || atMs >= instantOf(QueryDateAfter)) &&
    (QueryDateBefore === undefined || atMs <= instantOf(QueryDateBefore))
  );
}

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
  ReadVolumes: ({ region, body }) => ({
    Volumes: tagged(body, filtered(body, 'VolumeIds', region.volumes)).filter(({ SnapshotId }) =>
      isWanted(body, 'SnapshotIds', SnapshotId),
    ),
  }),
  ReadSnapshots: ({ region, body }) =>
    paged(body, 'Snapshots', tagged(body, filtered(body, 'SnapshotIds', region.snapshots))),
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
  /** The newest first, a page at a time; the page after it is named by where it begins. */
  ReadApiLogs: ({ region, body }) => {
    const found = region.apiLogs.filter((log) => isAskedFor(log, body['Filters'])).toReversed();
    const from = Number(body['NextPageToken'] ?? 0);
    const to = from + Number(body['ResultsPerPage'] ?? 100);
    return { Logs: found.slice(from, to), ...(to < found.length ? { NextPageToken: String(to) } : {}) };
  },
};
