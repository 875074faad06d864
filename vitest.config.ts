import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

/**
 * Tests that wait most of their time, for real servers and outages to pass, and for conditions with long limits: after
 * the others, two at a time. What one of them takes of the machine decides nothing in another.
 */
const WAITING = [
  'test/app-roles.test.ts',
  'test/judge-duty.test.ts',
  'test/own-network.test.ts',
  'test/commands/run.test.ts',
  'test/export/alerting-chain.test.ts',
  'test/export/alerting-rows.test.ts',
  'test/export/alerting-together.test.ts',
  'test/window/judge-killed.test.ts',
  'test/window/redis-faults.test.ts',
];

/** Tests that measure time against a real clock, or need the machine's cores: after all others, one at a time. */
const ALONE = [
  'test/app-slots.test.ts',
  'test/box/drill-run.test.ts',
  'test/examples/examples.test.ts',
  'test/image/image.test.ts',
  'test/lab/faults-table.test.ts',
  'test/probes/iops-disk.test.ts',
  'test/probes/latency-path.test.ts',
  'test/probes/object-storage-path.test.ts',
  'test/schedule/real-clock.test.ts',
  'test/commands/run-redis.test.ts',
  'test/export/alert-texts.test.ts',
  'test/ui/live.test.ts',
  'test/ui/pages.test.ts',
  'test/window/crash.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['test/global-setup.ts'],
    // A golden file that is not there is a failure, and not written anew; -u writes.
    update: 'none',
    testTimeout: 30_000,
    hookTimeout: 90_000,
    // On a busy machine a second, the default, is no sign of anything.
    expect: { poll: { timeout: 10_000 } },
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './test/closing-line.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...WAITING, ...ALONE],
          // They wait more than they reckon.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'waiting', include: WAITING, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, fileParallelism: false, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
