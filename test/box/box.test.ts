import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { probeKinds } from '../../probes/index.ts';
import type { Box } from '../../src/box/box.ts';
import { BOX_FAULTS, type BoxFault } from '../../src/box/fault.ts';
import type { BoxServiceName } from '../../src/box/services.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Check } from '../../src/core/check.ts';
import type { ConfiguredProbe } from '../../src/core/probe.ts';
import { classify } from '../../src/core/expectation.ts';
import { defaultConfig } from './default-config.ts';
import { startedBox } from './started-box.ts';

const kinds = probeKinds();
let box: Box;
let checks: readonly Check[];

beforeAll(async () => {
  const started = await startedBox();
  box = started.box;
  checks = defaultConfig(kinds, started).checks;
  // A key must be known to be good before many calls at once are signed with it.
  await look(checkOf('api-network'));
  // What is loaded and made at the first run is not what is timed here.
  await lookAtAll();
});

afterAll(async () => {
  await box.stop();
  for (const kind of kinds.values()) await kind.close();
});

afterEach(() => breakAll(undefined));

function checkOf(id: string): Check {
  const check = checks.find((candidate) => candidate.id === id);
  if (!check) throw new Error(`no check ${id}`);
  return check;
}

/** One attempt of a check as the runner makes it, with a deadline of its own; its cause, or else its outcome. */
async function lookWith(
  probe: ConfiguredProbe,
  check: Check,
  deadlineMs: number = check.timeoutMs,
): Promise<string> {
  const deadline = new AbortController();
  const cancel = systemClock.after(deadlineMs, () => deadline.abort());
  const reading = await probe.run({ signal: deadline.signal, clock: systemClock, random: systemRandom });
  cancel();
  const values = kinds.get(check.probe)?.values(check.settings) ?? {};
  const result = classify(reading, check.expectations, values);
  return 'cause' in result ? result.cause : result.outcome;
}

function look(check: Check, deadlineMs?: number): Promise<string> {
  const kind = kinds.get(check.probe);
  if (!kind) throw new Error(`no probe ${check.probe}`);
  return lookWith(kind.configure(check.settings), check, deadlineMs);
}

/**
 * `deadlineMs`: for what is asked over the network. No two of these are less than a second apart, as no two identical
 * calls to the API are.
 */
async function lookAtAll(deadlineMs?: number): Promise<Readonly<Record<string, string>>> {
  await pause(1_000);
  const seen = await Promise.all(
    checks.map(async (check) => {
      const onDisk = check.probe === 'volume' || check.probe === 'iops';
      return [check.id, await look(check, onDisk ? undefined : deadlineMs)] as const;
    }),
  );
  return Object.fromEntries(seen);
}

async function breakAll(fault: BoxFault | undefined): Promise<void> {
  await Promise.all(
    box.services
      .filter(({ faults }) => fault === undefined || faults.includes(fault))
      .map(({ name }) => box.setFault(name, fault)),
  );
}

const all = (cause: string): Readonly<Record<string, string>> =>
  Object.fromEntries(checks.map(({ id }) => [id, cause]));

/** What is told by the API alone, and is not seen while that is not heard. */
const TOLD = { snapshot: 'absent', 'snapshot-sentinels': 'absent', 'vm-1': 'absent', 'vm-2': 'absent' };
/** Machines that are heard, whatever the API says. */
const HEARD = { 'canary-a': 'good', 'canary-b': 'good', 'canary-c': 'good' };
/** A disk of this machine, which no door stands before. */
const DISK = { volume: 'good', iops: 'good' };

describe('createBox, watched by the probes of the default configuration', () => {
  test('healthy: every check is good', async () => {
    expect(await lookAtAll()).toEqual(all('good'));
  });

  test('down: every door is refused, the disk is gone; dead backends are ours', async () => {
    await breakAll('down');
    expect(await lookAtAll()).toEqual({
      ...all('refused'),
      ...TOLD,
      'canary-a': 'absent',
      'canary-b': 'absent',
      'canary-c': 'absent',
      'load-balancer': 'no-backend',
      volume: 'connect',
      iops: 'connect',
    });
    await breakAll(undefined);
  });

  test('silent: every check times out', async () => {
    await breakAll('silent');
    expect(await lookAtAll(1_200)).toEqual({
      ...all('timeout'),
      ...TOLD,
      ...HEARD,
      ...DISK,
      'load-balancer': 'no-backend',
      'host-a': 'good',
      'host-b': 'good',
      'host-c': 'good',
    });
  });

  test('slow: every check is slow, but nothing is lost by it', async () => {
    await breakAll('slow');
    expect(await lookAtAll()).toEqual({
      ...all('slow'),
      ...HEARD,
      ...DISK,
      'host-a': 'good',
      'host-b': 'good',
      'host-c': 'good',
      'vm-1': 'good',
      'vm-2': 'good',
      snapshot: 'good',
      'snapshot-sentinels': 'good',
      'object-durability': 'good',
    });
  });

  test('wrong: every check has the cause of its protocol', async () => {
    await breakAll('wrong');
    expect(await lookAtAll()).toEqual({
      ...all('status'),
      ...TOLD,
      ...HEARD,
      ...DISK,
      'host-a': 'good',
      'host-b': 'good',
      'host-c': 'good',
      'load-balancer': 'no-backend',
      'dns-udp': 'rcode',
      'dns-tcp': 'rcode',
      ntp: 'unsynchronised',
      dhcp: 'content',
      internet: 'reset',
      firewall: 'reset',
      network: 'timeout',
      latency: 'timeout',
    });
  });

  test('mended: every check is good again', async () => {
    await breakAll('down');
    await breakAll(undefined);
    expect(await lookAtAll()).toEqual(all('good'));
  });

  test.each<readonly [BoxServiceName, BoxFault, Readonly<Record<string, string>>]>([
    ['dns', 'down', { 'dns-udp': 'refused', 'dns-tcp': 'refused' }],
    ['zone-b', 'down', { 'canary-b': 'unexpected', 'host-b': 'refused' }],
    // Each machine is started once at the most: what came of that would keep the next look from trying.
    ['hardware', 'down', { 'vm-1': 'cannot-restart', 'vm-2': 'cannot-restart' }],
    ['vm', 'stopped', { 'vm-1': 'client-stop' }],
    ['volume', 'down', { volume: 'connect', iops: 'connect' }],
    ['snapshots', 'error', { snapshot: 'status' }],
    ['snapshots', 'lost', { 'snapshot-sentinels': 'lost' }],
    ['snapshots', 'altered', { 'snapshot-sentinels': 'altered' }],
    ['load-balancer', 'down', { 'load-balancer': 'refused' }],
    ['backend-1', 'down', {}],
    [
      'api',
      'throttled',
      {
        ...TOLD,
        'api-network': 'platform-throttle',
        'api-load-balancer': 'platform-throttle',
        'api-vm': 'platform-throttle',
      },
    ],
  ])('%s=%s: only what looks at it is not good', async (service, fault, seen) => {
    await box.setFault(service, fault);
    expect(await lookAtAll()).toEqual({ ...all('good'), ...seen });
  });

  test.each(['lost', 'altered'] as const)('object-storage=%s: a sentinel, named', async (fault) => {
    const check = checkOf('object-durability');
    const probe = kinds.get(check.probe)?.configure(check.settings);
    const lookAgain = (): Promise<string> => (probe ? lookWith(probe, check) : Promise.resolve(''));
    // Reads the list, which was written by the looks before, and then one object after the other.
    for (let look = 0; look < 8; look++) expect(await lookAgain()).toBe('good');
    await box.setFault('object-storage', fault);
    expect(await lookAgain()).toBe(fault);
    await box.setFault('object-storage', undefined);
    await expect.poll(lookAgain).toBe('good');
  });

  test('fault: tells what is in force', async () => {
    expect(box.fault('ntp')).toBeUndefined();
    for (const fault of BOX_FAULTS.slice(0, 4)) {
      await box.setFault('ntp', fault);
      expect(box.fault('ntp')).toBe(fault);
    }
    await box.setFault('ntp', undefined);
  });

  test('setFault: of quick changes the last one stands', async () => {
    const changes = [box.setFault('firewall', 'down'), box.setFault('firewall', undefined)];
    changes.push(box.setFault('firewall', 'down'), box.setFault('firewall', 'wrong'));
    await Promise.all(changes);
    await pause(0);
    expect((await lookAtAll())['firewall']).toBe('reset');
    await box.setFault('firewall', undefined);
  });
});
