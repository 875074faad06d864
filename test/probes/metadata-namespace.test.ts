import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metadataProbe } from '../../probes/metadata.ts';
import { classify } from '../../src/core/expectation.ts';
import type { Expectations } from '../../src/core/expectation.ts';
import type { Reading } from '../../src/core/reading.ts';
import { canMakeNamespaces, createNamespace, layCable } from '../servers/netns.ts';
import type { CableEnd, NamespaceProcess } from '../servers/netns.ts';
import { startProbeRunner } from '../servers/probe-in.ts';
import type { ProbeRunner } from '../servers/probe-in.ts';

const SERVICE = fileURLToPath(new URL('../servers/metadata-service.ts', import.meta.url));
const ADDRESS = '169.254.169.254/32';
const [MACHINE, HOST] = ['10.77.0.2', '10.77.0.1'];
const DEADLINE_MS = 1_000;

/** A machine with a route to the metadata address, as in a cloud, and the host that has it. */
describe.skipIf(!canMakeNamespaces())(
  'metadataProbe at 169.254.169.254, with its default settings (needs network namespaces)',
  () => {
    const kind = metadataProbe();
    let host: CableEnd;
    let machine: CableEnd;
    let runner: ProbeRunner;
    let service: NamespaceProcess;

    beforeAll(() => {
      host = { namespace: createNamespace(), interface: 'vh', address: `${HOST}/24` };
      machine = { namespace: createNamespace(), interface: 'vm', address: `${MACHINE}/24` };
      layCable(host, machine);
      host.namespace.ip('address', 'add', ADDRESS, 'dev', 'lo');
      machine.namespace.ip('route', 'add', ADDRESS, 'via', HOST);
      runner = startProbeRunner(machine.namespace);
      service = host.namespace.spawn(process.execPath, SERVICE);
    });

    afterAll(async () => {
      await runner.close();
      await ended();
      for (const { namespace } of [host, machine]) namespace.remove();
    });

    async function ended(): Promise<void> {
      service.stdin.end();
      if (service.exitCode === null && service.signalCode === null) await once(service, 'exit');
    }

    async function behave(how: string): Promise<void> {
      const said = createInterface({ input: service.stdout });
      service.stdin.write(`${how}\n`);
      await once(said, 'line');
      said.close();
    }

    async function verdict(expectations: Expectations = {}): Promise<string> {
      return verdictOn(await runner.probe('metadata', {}, DEADLINE_MS), expectations);
    }

    function verdictOn(reading: Reading, expectations: Expectations): string {
      const specs = kind.values(kind.settings.parse({}));
      const told = classify(reading, { ...kind.defaults, ...expectations }, specs);
      return 'cause' in told ? told.cause : 'blind' in told ? told.blind : told.outcome;
    }

    const OURS: Expectations = { instanceId: { is: 'i-0a1b2c3d' } };

    test.each([
      ['answers', 'good'],
      ['no-server', 'good'],
      ['no-instance', 'status'],
      ['wrong-instance', 'content'],
      ['page', 'content'],
      ['failing', 'status'],
      ['garbage', 'protocol'],
      ['oversized', 'protocol'],
      ['reset', 'reset'],
      ['silent', 'timeout'],
      ['answers', 'good'],
    ])('%s: %s', async (how, told) => {
      await behave(how);
      expect(await verdict(OURS)).toBe(told);
    });

    test('the host drops the way back: timeout', async () => {
      host.namespace.ip('route', 'add', 'blackhole', `${MACHINE}/32`);
      const told = await verdict();
      host.namespace.ip('route', 'delete', 'blackhole', `${MACHINE}/32`);
      expect(told).toBe('timeout');
      expect(await verdict()).toBe('good');
    });

    test.each([
      ['blackhole', 'local-network'],
      ['prohibit', 'local-network'],
      ['unreachable', 'connect'],
    ])('a route of the machine that is %s: %s', async (type, told) => {
      machine.namespace.ip('route', 'replace', type, ADDRESS);
      const seen = await verdict();
      machine.namespace.ip('route', 'replace', ADDRESS, 'via', HOST);
      expect(seen).toBe(told);
    });

    test('no route of the machine: local-network', async () => {
      machine.namespace.ip('route', 'delete', ADDRESS);
      const seen = await verdict();
      machine.namespace.ip('route', 'add', ADDRESS, 'via', HOST);
      expect(seen).toBe('local-network');
    });

    test('nothing listens: refused', async () => {
      await ended();
      expect(await verdict()).toBe('refused');
    });
  },
);
