import type { Value } from '../../src/core/reading.ts';
import { isObject, type OutscaleAnswer } from './outscale-answer.ts';
import { xmlFields } from './outscale-xml.ts';

/** Where an answer names what it lists: the value, and the list with its field, or the XML element. */
interface Naming {
  readonly value: string;
  readonly list?: string;
  readonly field: string;
}

const NAMINGS: Readonly<Record<string, Naming>> = {
  ReadRegions: { value: 'regionNames', list: 'Regions', field: 'RegionName' },
  ReadSubregions: { value: 'subregionNames', list: 'Subregions', field: 'SubregionName' },
  DescribeRegions: { value: 'regionNames', field: 'regionName' },
  DescribeAvailabilityZones: { value: 'subregionNames', field: 'zoneName' },
};

const LONGEST_LIST = 100;

/**
 * What an answer that was served says: how many there are of what it lists, and the names of regions and subregions.
 * An answer to these two that names none is not well formed, whatever its status.
 */
export function factsOf(
  action: string,
  { status, fields, xml, wellFormed }: OutscaleAnswer,
): Readonly<Record<string, Value>> {
  if (status !== 200 || !wellFormed) return {};
  const lists = Object.values(fields).filter((field) => Array.isArray(field));
  const count = lists[0] ? { itemCount: lists[0].length } : {};
  const naming = Object.hasOwn(NAMINGS, action) ? NAMINGS[action] : undefined;
  if (!naming) return count;
  const names =
    naming.list === undefined ? xmlFields(xml, naming.field) : namesIn(fields[naming.list], naming.field);
  if (names.length === 0) return { ...count, wellFormed: false };
  return { ...count, [naming.value]: [...new Set(names)].slice(0, LONGEST_LIST) };
}

function namesIn(list: unknown, field: string): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((member: unknown) => {
    const name = isObject(member) ? member[field] : undefined;
    return typeof name === 'string' ? [name] : [];
  });
}
