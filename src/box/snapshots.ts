import { allSnapshots } from './account.ts';
import { BOX_SNAPSHOTS } from './region.ts';
import type { BoxService } from './service.ts';

const [SENTINEL] = BOX_SNAPSHOTS.sentinels;

/** Snapshots, as the API tells of them (SLA7): their availability by last night's, their durability by the sentinels. */
export const snapshots = {
  name: 'snapshots',
  summary: 'snapshots of the volume',
  faults: ['error', 'lost', 'altered'],
  meanings: {
    error: "last night's is in state error",
    lost: 'a sentinel, made long ago, is not there any more',
    altered: 'a sentinel, made long ago, has another size',
  },
  settle(fault, { account }) {
    account.snapshots.clear();
    for (const [id, snapshot] of allSnapshots()) {
      if (fault === 'lost' && id === SENTINEL) continue;
      if (fault === 'altered' && id === SENTINEL) snapshot.sizeGib += 1;
      if (fault === 'error' && id === BOX_SNAPSHOTS.nightly) snapshot.state = 'error';
      account.snapshots.set(id, snapshot);
    }
    return Promise.resolve();
  },
} as const satisfies BoxService;
