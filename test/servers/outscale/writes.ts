import { type Act, type ActionContext, textsOf } from './action.ts';
import { type Refusal, REFUSALS } from './refusal.ts';
import { addSnapshot, addVolume, type Tag, type Vm, type VmState } from './state.ts';

/** Takes every machine that is named from one of some states to another, or none. */
function moveVms(
  { region, body }: ActionContext,
  from: readonly VmState[],
  to: (vm: Vm) => VmState,
): object | Refusal {
  const vms = textsOf(body['VmIds']).map((id) => region.vms.get(id));
  if (vms.some((vm) => !vm)) return REFUSALS.noSuchVm;
  const found = vms.filter((vm) => vm !== undefined);
  if (found.some((vm) => !from.includes(vm.State))) return REFUSALS.wrongState;
  return {
    Vms: found.map((vm) => {
      const PreviousState = vm.State;
      vm.State = to(vm);
      return { VmId: vm.VmId, PreviousState, CurrentState: vm.State };
    }),
  };
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

const startVms: Act = (context) => {
  const named = textsOf(context.body['VmIds']).map((id) => context.region.vms.get(id));
  const refused = named.find((vm) => vm?.startRefused)?.startRefused;
  return refused ?? moveVms(context, ['stopped'], (vm) => (vm.starts ? 'running' : 'pending'));
};

/** Calls that change what there is, by name. What the provider does in a while is done at once. */
export const WRITES: Readonly<Record<string, Act>> = {
  StartVms: startVms,
  StopVms: (context) => moveVms(context, ['running', 'pending'], () => 'stopped'),
  DeleteVms: (context) => moveVms(context, ['running', 'pending', 'stopping', 'stopped'], () => 'terminated'),
  CreateVolume: ({ region, body, newId, nowMs }) => {
    const id = newId('vol');
    const from = body['SnapshotId'];
    const snapshot = typeof from === 'string' ? region.snapshots.get(from) : undefined;
    if (typeof from === 'string' && !snapshot) return REFUSALS.noSuchSnapshot;
    const ClientToken = body['ClientToken'];
    const twin = [...region.volumes.values()].find((volume) => volume.ClientToken === ClientToken);
    if (typeof ClientToken === 'string' && twin) return { Volume: twin };
    const Volume = addVolume(region, id, {
      State: region.newVolumeState,
      CreationDate: new Date(nowMs).toISOString(),
      ...(typeof ClientToken === 'string' ? { ClientToken } : {}),
      Size: Number(body['Size'] ?? snapshot?.VolumeSize ?? 1),
      SubregionName: textOr(body['SubregionName'], region.subregions[0] ?? ''),
      ...(snapshot ? { SnapshotId: snapshot.SnapshotId } : {}),
      ...(body['VolumeType'] === 'io1' ? { VolumeType: 'io1', Iops: Number(body['Iops'] ?? 100) } : {}),
    });
    return { Volume };
  },
  DeleteVolume: ({ region, body }) =>
    region.volumes.delete(String(body['VolumeId'])) ? {} : REFUSALS.noSuchVolume,
  LinkVolume: ({ region, body }) => {
    const volume = region.volumes.get(String(body['VolumeId']));
    if (!volume) return REFUSALS.noSuchVolume;
    if (volume.State !== 'available') return REFUSALS.wrongState;
    volume.State = 'in-use';
    volume.LinkedVolumes.push({
      VmId: String(body['VmId']),
      DeviceName: String(body['DeviceName']),
      State: 'attached',
      VolumeId: volume.VolumeId,
    });
    return {};
  },
  UnlinkVolume: ({ region, body }) => {
    const volume = region.volumes.get(String(body['VolumeId']));
    if (!volume) return REFUSALS.noSuchVolume;
    volume.State = 'available';
    volume.LinkedVolumes.length = 0;
    return {};
  },
  CreateSnapshot: ({ region, body, newId, nowMs }) => {
    const volume = region.volumes.get(String(body['VolumeId']));
    if (!volume) return REFUSALS.noSuchVolume;
    const Snapshot = addSnapshot(region, newId('snap'), {
      VolumeId: volume.VolumeId,
      VolumeSize: volume.Size,
      Description: textOr(body['Description'], ''),
      CreationDate: new Date(nowMs).toISOString(),
    });
    return { Snapshot };
  },
  DeleteSnapshot: ({ region, body }) =>
    region.snapshots.delete(String(body['SnapshotId'])) ? {} : REFUSALS.noSuchSnapshot,
  CreateTags: ({ region, body }) => {
    const tagged = textsOf(body['ResourceIds']).map(
      (id) => region.volumes.get(id) ?? region.snapshots.get(id),
    );
    const tags = Array.isArray(body['Tags']) ? (body['Tags'] as Tag[]) : [];
    const keys = new Set(tags.map(({ Key }) => Key));
    for (const resource of tagged) {
      if (resource) resource.Tags = [...resource.Tags.filter(({ Key }) => !keys.has(Key)), ...tags];
    }
    return {};
  },
};
