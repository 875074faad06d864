import { bannerFront } from './banner-front.ts';
import type { BoxServer } from './service.ts';

/**
 * The subregions, each by a machine of ours whose only task is to be reached. A zone that is down is cut off: its
 * machines run, by the API, and nobody reaches them.
 */
export const zoneA = zone('zone-a', 21_031);
export const zoneB = zone('zone-b', 21_032);
export const zoneC = zone('zone-c', 21_033);

function zone<Name extends string>(name: Name, port: number): BoxServer & { readonly name: Name } {
  return {
    name,
    summary: `subregion ${name.slice(-1)}, by a machine in it`,
    port,
    faults: ['down'],
    meanings: { down: 'it is cut off: none of its machines is reached' },
    listen: bannerFront('SSH-2.0-box'),
  };
}
