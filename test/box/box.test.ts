import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probeKinds } from '../../probes/index.ts';
import type { Box } from '../../src/box/box.ts';
import { BOX_FAULTS, type BoxFault } from '../../src/box/fault.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Check } from '../../src/core/check.ts';
import { type Classification, classify } from '../../src/core/expectation.ts';
import { defaultConfig } from './default-config.ts';
import { startedBox } from './started-box.ts';

const kinds = probeKinds();
let box: Box;
let checks: readonly Check[];

beforeAll(async () => {
  const started = await startedBox();
  box = started.box;
  checks = defaultConfig(kinds, started.portOffset).checks;
});

afterAll(async () => {
  await box.stop();
  for (const kind of kinds.values()) await kind.close();
});

/** One attempt of a check as the runner makes it, with a deadline of its own. */
async function look(check: Check, deadlineMs: number): Promise<Classification> {
  const kind = kinds.get(check.probe);
  if (!kind) throw new Error(`no probe ${check.probe}`);
  const deadline = new AbortController();
  const cancel = systemClock.after(deadlineMs, () => deadline.abort());
  const context = { signal: deadline.signal, clock: systemClock, random: systemRandom };
  const reading = await kind.configure(check.settings).run(context);
  cancel();
  return classify(reading, check.expectations, kind.values(check.settings));
}

async function lookAtAll(deadlineMs?: number): Promise<Readonly<Record<string, string>>> {
  const seen = await Promise.all(
    checks.map(async (check) => {
      const result = await look(check, deadlineMs ?? check.timeoutMs);
      return [check.id, 'cause' in result ? result.cause : result.outcome] as const;
    }),
  );
  return Object.fromEntries(seen);
}

async function breakAll(fault: BoxFault | undefined): Promise<void> {
  await Promise.all(box.services.map(({ name }) => box.setFault(name, fault)));
}

const all = (cause: string): Readonly<Record<string, string>> =>
  Object.fromEntries(checks.map(({ id }) => [id, cause]));

describe('createBox, watched by the probes of the default configuration', () => {
  test('healthy: every check is good', async () => {
    expect(await lookAtAll()).toEqual(all('good'));
  });

  test('down: every check is refused', async () => {
    await breakAll('down');
    expect(await lookAtAll()).toEqual(all('refused'));
  });

  test('silent: every check times out', async () => {
    await breakAll('silent');
    expect(await lookAtAll(300)).toEqual(all('timeout'));
  });

  test('slow: every check is slow, but nothing is lost by it', async () => {
    await breakAll('slow');
    expect(await lookAtAll()).toEqual({ ...all('slow'), 'object-durability': 'good' });
  });

  test('wrong: every check has the cause of its protocol', async () => {
    await breakAll('wrong');
    expect(await lookAtAll()).toEqual({
      ...all('status'),
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

  test('one service broken: only the checks that look at it are bad', async () => {
    await box.setFault('dns', 'down');
    expect(await lookAtAll()).toEqual({ ...all('good'), 'dns-udp': 'refused', 'dns-tcp': 'refused' });
    await box.setFault('dns', undefined);
  });

  test('fault: tells what is in force', async () => {
    expect(box.fault('ntp')).toBeUndefined();
    for (const fault of BOX_FAULTS) {
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
