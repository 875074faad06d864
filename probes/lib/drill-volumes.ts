import { parseInstant } from '../../src/core/instant.ts';
import type { ProbeContext } from '../../src/core/probe.ts';
import { isObject, type OutscaleAnswer } from './outscale-answer.ts';
import type { OutscaleClient } from './outscale-client.ts';
import { type OutscaleResult, toldBy } from './outscale-result.ts';
import { tagsOf } from './snapshot-list.ts';

/** The tag on whatever a drill makes, its value the snapshot; and on a snapshot, the instant of its last drill. */
export const DRILL_TAG = 'vigie:drill';

const TOKEN_PREFIX = 'vigie-drill-';

/** A volume that a drill made, of whichever check and vantage. */
export interface DrillVolume {
  readonly id: string;
  /** The snapshot that it was made from. */
  readonly snapshot: string;
  /** `creating`, `available`, `in-use`, `deleting`, `error`. */
  readonly state: string;
  readonly sizeGib: number;
  /** Milliseconds since the epoch; that of the epoch when the date cannot be read, so that it counts as old. */
  readonly createdMs: number;
}

/** What a call of a drill came to: `done`, or in a few words why not. */
export type DrillStep = { readonly kind: 'done' } | { readonly kind: 'undone'; readonly why: string };

/** The calls that a restore drill makes. None is tried twice, none is sent after an abort. */
export class DrillVolumes {
  readonly #client: OutscaleClient;
  readonly #snapshot: string;

  constructor(client: OutscaleClient, snapshot: string) {
    this.#client = client;
    this.#snapshot = snapshot;
  }

  /**
   * The volumes that drills left or are busy with: all that carry the tag, and those of this snapshot that carry none
   * yet but the token of their creation. Undefined when it cannot be told. A volume without either is not ours.
   */
  async find(context: ProbeContext): Promise<readonly DrillVolume[] | undefined> {
    const found = new Map<string, DrillVolume>();
    for (const Filters of [{ TagKeys: [DRILL_TAG] }, { SnapshotIds: [this.#snapshot] }]) {
      const result = await this.#call('ReadVolumes', { Filters }, context);
      const volumes = servedFields(result)?.['Volumes'];
      if (!Array.isArray(volumes)) return undefined;
      for (const volume of volumes.flatMap(drillVolume)) found.set(volume.id, volume);
    }
    return [...found.values()];
  }

  /** Writes the instant of a drill on the snapshot, before it costs anything: whoever looks next sees it. */
  async announce(nowMs: number, context: ProbeContext): Promise<DrillStep> {
    const Value = new Date(nowMs).toISOString();
    return stepOf(await this.#tag(this.#snapshot, Value, context));
  }

  /** Makes the volume and tags it. `turn` names the drill: the same one twice makes one volume. */
  async create(subregion: string, turn: number, context: ProbeContext): Promise<DrillStep> {
    const result = await this.#call(
      'CreateVolume',
      {
        SnapshotId: this.#snapshot,
        SubregionName: subregion,
        VolumeType: 'standard',
        ClientToken: `${TOKEN_PREFIX}${this.#snapshot}-${turn}`,
      },
      context,
    );
    const volume = servedFields(result)?.['Volume'];
    const id = isObject(volume) ? volume['VolumeId'] : undefined;
    // One that could not be tagged is found by its token.
    if (typeof id === 'string') await this.#tag(id, this.#snapshot, context);
    return stepOf(result);
  }

  /** Deletes a volume; one that is gone is as good as deleted. */
  async delete({ id }: DrillVolume, context: ProbeContext): Promise<DrillStep> {
    const result = await this.#call('DeleteVolume', { VolumeId: id }, context);
    const isGone = result.kind === 'answered' && result.answer.error?.code === NO_SUCH_VOLUME;
    return isGone ? { kind: 'done' } : stepOf(result);
  }

  #tag(id: string, Value: string, context: ProbeContext): Promise<OutscaleResult> {
    return this.#call('CreateTags', { ResourceIds: [id], Tags: [{ Key: DRILL_TAG, Value }] }, context);
  }

  #call(
    action: string,
    parameters: Readonly<Record<string, unknown>>,
    context: ProbeContext,
  ): Promise<OutscaleResult> {
    return this.#client.prepare({ action, parameters }).share(context);
  }
}

const NO_SUCH_VOLUME = '5064';

/** The fields of an answer to a call that was carried out. */
function servedFields(result: OutscaleResult): OutscaleAnswer['fields'] | undefined {
  const isServed = result.kind === 'answered' && result.meaning.kind === 'served' && result.answer.wellFormed;
  return isServed ? result.answer.fields : undefined;
}

function stepOf(result: OutscaleResult): DrillStep {
  if (servedFields(result)) return { kind: 'done' };
  const why =
    result.kind === 'answered'
      ? `${result.label}: ${toldBy(result.answer)}`
      : (result.reading.detail ?? result.reading.kind);
  return { kind: 'undone', why };
}

function drillVolume(member: unknown): readonly DrillVolume[] {
  if (!isObject(member)) return [];
  const { VolumeId: id, SnapshotId, State: state, Size, ClientToken, CreationDate, Tags } = member;
  const tag = tagsOf(Tags).get(DRILL_TAG);
  const isOurs =
    tag !== undefined || (typeof ClientToken === 'string' && ClientToken.startsWith(TOKEN_PREFIX));
  if (!isOurs || typeof id !== 'string' || typeof state !== 'string') return [];
  return [
    {
      id,
      state,
      snapshot: typeof SnapshotId === 'string' && SnapshotId !== '' ? SnapshotId : (tag ?? ''),
      sizeGib: typeof Size === 'number' ? Size : 0,
      createdMs: (typeof CreationDate === 'string' ? parseInstant(CreationDate) : undefined) ?? 0,
    },
  ];
}
