import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with the names of what was skipped and one plain line of counts. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state);
    const skipped = inState('skipped');
    for (const test of skipped) process.stdout.write(`skipped: ${test.fullName}\n`);
    const brokenFiles = modules.filter((module) => module.errors().length > 0).length;
    process.stdout.write(
      `${inState('passed').length} passed, ${inState('failed').length + brokenFiles} failed, ${skipped.length} skipped\n`,
    );
  }
}
