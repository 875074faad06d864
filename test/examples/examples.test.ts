import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runVigie } from '../commands/spawn-vigie.ts';
import { canMakeDisks, createDisk, type LoopDisk } from '../servers/loop-disk.ts';
import { NAMES } from './addresses.ts';
import { ENVIRONMENT } from './keys.ts';
import { canMakeSmallWorld, makeSmallWorld, type SmallWorld } from './small-world.ts';

const EXAMPLES = join(import.meta.dirname, '../../config/examples');
const HOUR_MS = 3_600_000;

/** What of an example's text is put in another's place to run it here: nothing but what cannot be as it stands. */
interface Example {
  readonly checks: number;
  readonly replace?: () => Readonly<Record<string, string>>;
  readonly disks?: true;
}

/** Every example, with how many checks are seen to be good. */
const TABLE: Readonly<Record<string, Example>> = {
  'inside.yaml': { checks: 14 },
  'inside-services.yaml': { checks: 8 },
  'load-balancer.yaml': { checks: 2 },
  'network.yaml': { checks: 9 },
  'object-storage.yaml': {
    checks: 3,
    // The set of sentinels may be written until an instant that has passed.
    replace: () => ({ '2026-03-01T12:00:00+01:00': new Date(Date.now() + HOUR_MS).toISOString() }),
  },
  'outscale-api.yaml': { checks: 7 },
  'outside.yaml': { checks: 9 },
  'snapshots.yaml': { checks: 2 },
  'vms.yaml': { checks: 4 },
  'volumes.yaml': { checks: 3, disks: true },
};

const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'));

test('every example has a line in the table, and no other file has', () => {
  expect(Object.keys(TABLE).sort()).toEqual(files.sort());
});

test.each(files)('vigie check takes %s as it stands', async (name) => {
  const { code, stdout } = await runVigie(['check', join(EXAMPLES, name)], { env: ENVIRONMENT });
  expect([code, stdout]).toEqual([0, expect.stringMatching(/: good, \d+ checks/)]);
});

const possible = canMakeSmallWorld();

describe.skipIf(!possible)(
  'vigie probe, in a region at the very addresses of the examples (needs root, iproute2, nftables, bind9, chrony, nginx, haproxy, dnsmasq)',
  () => {
    let world: SmallWorld;

    beforeAll(async () => {
      world = await makeSmallWorld();
    });

    afterAll(async () => world.remove());

    const networked = Object.entries(TABLE).filter(([, { disks }]) => !disks);

    test.each(networked)(
      '%s: every check is good',
      { timeout: 120_000 },
      async (name, { checks, replace }) => {
        const seen = await world.look(placed(name, replace?.()));
        expect(seen).toEqual(Object.fromEntries(Object.keys(seen).map((check) => [check, 'good'])));
        expect(Object.keys(seen)).toHaveLength(checks);
      },
    );

    test('vms.yaml with the API out of reach: machines that are heard are good, and so is their zone', async () => {
      const doors = `${NAMES['api.cloudgouv-eu-west-1.outscale.com']}/32`;
      world.region.ip('address', 'delete', doors, 'dev', 'lo');
      const seen = await world.look(placed('vms.yaml'), { looks: 1 });
      world.region.ip('address', 'add', doors, 'dev', 'lo');
      const ids = ['vm-a1', 'vm-a2', 'canary-a1', 'canary-a2'];
      expect(seen).toEqual(Object.fromEntries(ids.map((id) => [id, 'good'])));
    });

    /** The file itself, or a copy with something in another's place. */
    function placed(name: string, replacements: Readonly<Record<string, string>> = {}): string {
      const path = join(EXAMPLES, name);
      if (Object.keys(replacements).length === 0) return path;
      let text = readFileSync(path, 'utf8');
      for (const [from, to] of Object.entries(replacements)) {
        expect(text).toContain(from);
        text = text.replaceAll(from, to);
      }
      const copy = join(world.folder, name);
      writeFileSync(copy, text);
      return copy;
    }

    describe.skipIf(!canMakeDisks())('with disks of its own (needs loop devices)', () => {
      let data: LoopDisk;
      let raw: LoopDisk;

      beforeAll(() => {
        data = createDisk(256 * 1_048_576);
        raw = createDisk(32 * 1_048_576);
      });

      afterAll(() => {
        for (const disk of [data, raw]) disk.remove();
      });

      test('volumes.yaml: every check is good', { timeout: 120_000 }, async () => {
        // The folder and the device of the example, made in a view of the file system that nobody else has.
        const before = [
          'mount -t tmpfs none /mnt',
          'mkdir /mnt/data',
          `mount --bind ${data.format()} /mnt/data`,
          'raw=$(stat -c "0x%t 0x%T" ' + raw.device + ')',
          'mount -t tmpfs none /dev',
          'mknod /dev/null c 1 3',
          'mknod /dev/urandom c 1 9',
          'mknod /dev/vdc b $raw',
        ].join(' && ');
        const seen = await world.look(join(EXAMPLES, 'volumes.yaml'), { looks: 4, before });
        expect(seen).toEqual({ 'volume-data': 'good', 'volume-raw': 'good', 'iops-data': 'good' });
      });
    });
  },
);
