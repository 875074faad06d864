import { once } from 'node:events';
import { chmodSync, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { HELM_TROUBLE, manifests } from '../helm/chart.ts';
import { until } from '../servers/until.ts';
import { type Container, ContainerEngine, engineTrouble } from './container-engine.ts';
import { type PodRun, podRun } from './pod-run.ts';
import { buildVigieImage, VIGIE_IMAGE } from './vigie-image.ts';

const TROUBLE = engineTrouble();
const MOST_MB = 200;
const WITHIN_MS = 60_000;
const HARDENED = [
  '--read-only',
  '--read-only-tmpfs=false',
  '--cap-drop',
  'all',
  '--security-opt',
  'no-new-privileges',
];

interface Verdict {
  readonly row: string;
  readonly unknownMs: number;
  readonly downtimeMs: { readonly raw: number };
}

const answers = (url: string): Promise<true> =>
  until(async () => ((await fetch(url)).status === 200 ? true : undefined), WITHIN_MS);

describe.skipIf(TROUBLE)(`the image (${TROUBLE ?? 'by buildah and podman'})`, () => {
  let engine: ContainerEngine;

  beforeAll(() => {
    engine = new ContainerEngine();
    buildVigieImage(engine, { revision: 'abc123' });
  }, 300_000);
  afterAll(() => engine.close());

  it('is small, says what it is, and is nobody’s root', () => {
    const [image] = JSON.parse(engine.podman('inspect', VIGIE_IMAGE));
    expect(image.Size / 1e6).toBeLessThan(MOST_MB);
    expect(image.Config.User).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(image.Config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'vigie',
      'org.opencontainers.image.version': manifest.version,
      'org.opencontainers.image.licenses': manifest.license,
      'org.opencontainers.image.revision': 'abc123',
    });
    expect(image.Healthcheck ?? image.Config.Healthcheck).toBeUndefined();
  });

  it('holds what production needs and nothing else: no shell, no npm, no test, no development dependency', () => {
    const container = engine.buildah('from', VIGIE_IMAGE);
    const root = engine.buildah('mount', container);
    for (const absent of [
      'bin/sh',
      'usr/bin/env',
      'usr/local/bin/npm',
      'app/test',
      'app/helm',
      'app/data',
      'app/.git',
    ])
      expect([absent, existsSync(`${root}/${absent}`)]).toEqual([absent, false]);
    const isThere = (name: string) => [name, existsSync(`${root}/app/node_modules/${name}`)];
    for (const name of Object.keys(manifest.dependencies)) expect(isThere(name)).toEqual([name, true]);
    for (const name of Object.keys(manifest.devDependencies)) expect(isThere(name)).toEqual([name, false]);
    engine.buildah('rm', container);
  });

  it('runs hardened: nothing to write to, no capability, no way to more', async () => {
    const { code, stdout } = await engine.finish([...HARDENED, VIGIE_IMAGE, '--version']);
    expect([code, stdout]).toEqual([0, `${manifest.version}\n`]);
    const check = await engine.finish([
      ...HARDENED,
      VIGIE_IMAGE,
      'check',
      '/app/config/examples/outside.yaml',
    ]);
    expect(check.code).toBe(0);
    expect(check.stdout).toContain('good, 9 checks');
  });

  it('refuses a bad configuration with 78, as the command line does', async () => {
    const { code, stderr } = await engine.finish([
      ...HARDENED,
      VIGIE_IMAGE,
      'run',
      '--config',
      '/nowhere.yaml',
    ]);
    expect(code).toBe(78);
    expect(stderr).toContain('there is no such file');
  });

  it('finds compiled whatever it runs, shared windows too', async () => {
    const { code, stdout, stderr } = await engine.finish([
      ...[...HARDENED, '--env', 'NODE_DEBUG_NATIVE=COMPILE_CACHE'],
      ...['--env', 'NODE_OPTIONS=--import /app/src/window/redis.ts --import /app/src/window/copy-redis.ts'],
      ...[VIGIE_IMAGE, 'run', '--config', '/nowhere.yaml'],
    ]);
    expect(code).toBe(78);
    const of = (pattern: RegExp): readonly string[] =>
      Array.from(`${stdout}${stderr}`.matchAll(pattern), ([, name = '']) => name);
    const accepted = of(/V8 code cache for ESM file:\/\/\/app\/(\S+) was accepted/g);
    expect(accepted).toEqual(expect.arrayContaining(['src/app.ts', 'src/window/redis-link.ts']));
    expect(new Set(of(/reading cache from \S+ for ESM file:\/\/\/app\/(\S+?)\.\.\./g))).toEqual(
      new Set(accepted),
    );
  });

  describe.skipIf(HELM_TROUBLE)(`in the pod of the chart (${HELM_TROUBLE ?? 'mode single'})`, () => {
    let target: Server;
    let pod: PodRun | undefined;
    let container: Container | undefined;

    beforeAll(async () => {
      target = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1');
      await once(target, 'listening');
    });
    afterAll(() => target.close().closeAllConnections());
    afterEach(async () => {
      if (container) engine.podman('rm', '--force', '--ignore', '--time', '0', container.name);
      await container?.ended;
      pod?.remove();
    });

    const portOf = ({ port }: AddressInfo): number => port;
    const render = async () => {
      const free = createServer().listen(0, '127.0.0.1');
      await once(free, 'listening');
      const port = portOf(free.address() as AddressInfo);
      await once(free.close(), 'close');
      const url = `http://127.0.0.1:${portOf(target.address() as AddressInfo)}/`;
      const check = {
        id: 'web',
        probe: 'http',
        row: 'sla4.api',
        interval: '1s',
        timeout: '400ms',
        with: { url },
      };
      const config = { contract: 'outscale-secnumcloud', region: 'cloudgouv-eu-west-1', checks: [check] };
      return { port, all: manifests({ values: { config, port, listenHost: '127.0.0.1' } }) };
    };

    it(
      'answers its probes, ends at SIGTERM within five seconds, and goes on where it was',
      { timeout: 180_000 },
      async () => {
        const { port, all } = await render();
        const run = (pod = podRun(all, 'Deployment/vigie', VIGIE_IMAGE));
        chmodSync(run.folder('data'), 0o2770);
        chmodSync(run.folder('tmp'), 0o1777);
        const verdict = async (): Promise<Verdict | undefined> => {
          const answer = await fetch(`http://127.0.0.1:${port}/api/verdicts`);
          const { verdicts } = (await answer.json()) as { readonly verdicts: readonly Verdict[] };
          return verdicts.find(({ row }) => row === 'sla4.api');
        };

        container = engine.start('vigie-first', run.args);
        await answers(run.probes.startupProbe);
        await answers(run.probes.livenessProbe);
        await answers(run.probes.readinessProbe);
        await pause(6_000);
        const before = await until(verdict, WITHIN_MS);
        const asked = performance.now();
        engine.podman('kill', '--signal', 'TERM', container.name);
        expect(await container.ended).toBe(0);
        expect(performance.now() - asked).toBeLessThan(5_000);
        expect(run.graceSeconds).toBeGreaterThan(5);
        expect(container.printed()).toContain('stopping');

        container = engine.start('vigie-second', run.args);
        await answers(run.probes.readinessProbe);
        const after = await until(async () => {
          const now = await verdict();
          return now && now.unknownMs > before.unknownMs ? now : undefined;
        }, WITHIN_MS);
        const awayMs = performance.now() - asked;
        // What was unknown before is; what is new is the time away, and the slots at both of its edges.
        expect(after.unknownMs - before.unknownMs).toBeLessThanOrEqual(awayMs + 2_000);
        expect(after.downtimeMs.raw).toBe(0);
      },
    );

    it('probes once for `helm test`, and says what it saw', async () => {
      const { all } = await render();
      pod = podRun(all, 'Pod/vigie-test', VIGIE_IMAGE);
      const { code, stdout } = await engine.finish(pod.args);
      expect(stdout).toContain('web (http, sla4.api region): good');
      expect(code).toBe(0);
    });

    it('without its volumes says what it cannot write to, and writes nowhere else', async () => {
      const { all } = await render();
      pod = podRun(all, 'Deployment/vigie', VIGIE_IMAGE);
      const without = pod.args.filter(
        (argument, index, args) => !argument.endsWith(':rw') && args[index + 1]?.endsWith(':rw') !== true,
      );
      const { code, stderr } = await engine.finish(without);
      expect(code).not.toBe(0);
      expect(stderr).toContain('/var/lib/vigie');
    });
  });
});
