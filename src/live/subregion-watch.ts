import type { Reading } from '../core/reading.ts';

/** What a configuration says of the region, as far as it is compared with what the API tells. */
export interface KnownRegion {
  readonly region: string;
  readonly regionSubregions: readonly string[] | undefined;
}

/**
 * The subregions of the region as the provider's API tells them to the checks that ask: a region that gains one makes
 * starred rows ineligible, and somebody has to be told before a claim is made (contract.md).
 */
export class SubregionWatch {
  #told: readonly string[] | undefined;

  /** Takes what a probe read; true when the region's subregions are other than they were told before. */
  note(reading: Reading, { region }: KnownRegion): boolean {
    const names = reading.kind === 'answer' ? reading.values?.['subregionNames'] : undefined;
    if (typeof names !== 'object') return false;
    // An answer of another region says nothing of this one; names begin with that of their region.
    const own = names.filter((name) => name.startsWith(region)).sort();
    if (own.length === 0 || own.join() === this.#told?.join()) return false;
    this.#told = own;
    return true;
  }

  /** All subregions, sorted; undefined while no check was told. */
  get told(): readonly string[] | undefined {
    return this.#told;
  }

  /** One line for people for each way in which the configuration does not know the region as it is. */
  warnings({ region, regionSubregions }: KnownRegion): readonly string[] {
    const unknown = this.#told?.filter((name) => !regionSubregions?.includes(name)) ?? [];
    if (!regionSubregions || unknown.length === 0) return [];
    return [
      `${region} has ${unknown.join(', ')}, which neither deployment.regionSubregions nor the contract knows: rows that ` +
        'are promised over all subregions (*) may not be claimable',
    ];
  }
}
