import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take minutes, of which each waits for outages to begin and to end. */
const LONG = /test\/(?:export\/alerting-\w+|app-roles)\.test\.ts$/;

/** Begins, within a project, with the files that take longest, so that none of them is what the others wait for. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const turn = ({ project, moduleId }: TestSpecification): number =>
      2 * project.config.sequence.groupOrder + (LONG.test(moduleId) ? 0 : 1);
    return (await super.sort(files)).toSorted((one, other) => turn(one) - turn(other));
  }
}
