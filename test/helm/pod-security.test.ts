import { describe, expect, it } from 'vitest';
import { EXAMPLES, HELM_TROUBLE, manifests, podsOf, type Tree, items, textOf, textsOf } from './chart.ts';

/** Sysctls that Pod Security (restricted) lets a pod set, of those that could be of use here. */
const SAFE_SYSCTLS = ['net.ipv4.ip_unprivileged_port_start', 'net.ipv4.ping_group_range'];
const VOLUMES = [
  'configMap',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** What of Pod Security's restricted profile a pod does not keep (kubernetes.io, Pod Security Standards). */
function violations(spec: Tree): readonly string[] {
  const security = spec['securityContext'] ?? {};
  const containers = [...items(spec['containers']), ...items(spec['initContainers'])];
  const volumes = items(spec['volumes']);
  const sysctls = items(security['sysctls']);
  return [
    ...(spec['hostNetwork'] || spec['hostPID'] || spec['hostIPC'] ? ['host namespaces'] : []),
    ...(security['runAsNonRoot'] && Number(security['runAsUser']) > 0 ? [] : ['runs as root']),
    ...(textOf(security['seccompProfile']?.['type']) === 'RuntimeDefault' ? [] : ['seccomp']),
    ...sysctls
      .filter(({ name }) => !SAFE_SYSCTLS.includes(textOf(name)))
      .map(({ name }) => `sysctl ${textOf(name)}`),
    ...volumes
      .flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name'))
      .filter((kind) => !VOLUMES.includes(kind))
      .map((kind) => `volume ${kind}`),
    ...containers.flatMap(({ securityContext: own, ports }) => [
      ...(textOf(own?.['allowPrivilegeEscalation']) === 'false' ? [] : ['privilege escalation']),
      ...(own?.['readOnlyRootFilesystem'] ? [] : ['writable root']),
      ...(textsOf(own?.['capabilities']?.['drop']).includes('ALL') ? [] : ['capabilities kept']),
      ...textsOf(own?.['capabilities']?.['add']).map((capability) => `adds ${capability}`),
      ...items(ports)
        .filter((port) => port['hostPort'])
        .map(() => 'host port'),
    ]),
  ];
}

describe.skipIf(HELM_TROUBLE)(`pods and Pod Security (${HELM_TROUBLE ?? 'restricted'})`, () => {
  it.each(EXAMPLES.filter((name) => name !== 'host-network'))('all pods are restricted: %s', (example) => {
    const pods = podsOf(manifests({ example }));
    expect(pods.length).toBeGreaterThan(0);
    for (const { owner, spec } of pods) expect(`${owner}: ${violations(spec).join()}`).toBe(`${owner}: `);
  });

  it('on the network of a node a pod has root and one capability only for a port that needs them, and says so', () => {
    const pods = podsOf(manifests({ example: 'host-network' }));
    const told = Object.fromEntries(pods.map(({ owner, spec }) => [owner, violations(spec)]));
    expect(told).toEqual({
      'DaemonSet/vigie-probe-az-a': ['host namespaces', 'runs as root', 'adds NET_BIND_SERVICE'],
      'Deployment/vigie-judge': [],
      'Deployment/vigie-redis': [],
      'Deployment/vigie-reflect-a': ['host namespaces'],
      'Pod/vigie-test': ['host namespaces', 'runs as root', 'adds NET_BIND_SERVICE'],
    });
    const probe = pods.find(({ owner }) => owner === 'DaemonSet/vigie-probe-az-a');
    expect(probe?.metadata['annotations']?.['vigie/capability']).toContain('CAP_NET_BIND_SERVICE');
  });

  it('a DHCP check in a network of its own gets its port by a safe sysctl', () => {
    const check = { id: 'lease', probe: 'dhcp', row: 'sla3.dhcp', interval: '30s', timeout: '5s' };
    const config = { contract: 'outscale-secnumcloud', region: 'r', checks: [check] };
    const [pod] = podsOf(manifests({ values: { config } }));
    expect(violations(pod?.spec ?? {})).toEqual([]);
    expect(pod?.spec['securityContext']?.['sysctls']).toEqual([
      { name: 'net.ipv4.ip_unprivileged_port_start', value: '67' },
    ]);
  });
});
