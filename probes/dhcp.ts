import { z } from 'zod';
import type { Expectations } from '../src/core/expectation.ts';
import type { ConfiguredProbe, ProbeContext, ProbeKind, ValueSpec } from '../src/core/probe.ts';
import type { Reading } from '../src/core/reading.ts';
import type { Endpoint } from './lib/bound-exchange.ts';
import { BoundPorts } from './lib/bound-ports.ts';
import { converse, DHCP_PHASES } from './lib/dhcp-conversation.ts';
import { dhcpReading } from './lib/dhcp-reading.ts';
import { DHCP_MODES, standInHardwareAddress } from './lib/dhcp-request.ts';
import { faultReading, timedOut } from './lib/fault-reading.ts';
import { createLookup } from './lib/lookup.ts';
import type { Lookup } from './lib/lookup.ts';
import { ownAddressTo } from './lib/own-address.ts';
import { resolveHost } from './lib/resolve.ts';
import { DHCP_PORT, NO_ADDRESS } from './wire/dhcp.ts';

const ADDRESS = { error: 'expected an IPv4 address' };

const settingsSchema = z
  .strictObject({
    server: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,255}$/, { error: 'expected a host name or an IPv4 address' })
      .prefault('255.255.255.255')
      .describe('The DHCP server to ask; absent only in the mode broadcast: everyone in our own network.'),
    port: z.int().min(1).max(65_535).prefault(DHCP_PORT.server).describe('UDP port of the server.'),
    mode: z
      .enum(DHCP_MODES)
      .prefault('relay')
      .describe(
        'relay: DISCOVER as a relay agent, from port 67, routed and unicast; inform: INFORM for the options alone, from port 68; broadcast: DISCOVER in our own network, from port 68.',
      ),
    address: z
      .ipv4(ADDRESS)
      .optional()
      .describe('Our own address, that the server replies to; absent: that of our route to the server.'),
    localPort: z
      .int()
      .min(0)
      .max(65_535)
      .optional()
      .describe(
        'UDP port to ask from and to listen on, if not the one of the mode. 0 takes any: for servers that reply to where a request came from, as dnsmasq does to INFORM; to ISC and Kea it is silence.',
      ),
    fromAnyone: z
      .boolean()
      .prefault(false)
      .describe('Whether a reply of another address is taken, as when the server asked is itself a relay.'),
    lease: z
      .boolean()
      .prefault(false)
      .describe('Whether to take the address that is offered (REQUEST) and to give it back (RELEASE).'),
    linkSelection: z
      .ipv4(ADDRESS)
      .optional()
      .describe('The network to ask an address of, if not our own: option 82, link selection (RFC 3527).'),
    subnetSelection: z
      .ipv4(ADDRESS)
      .optional()
      .describe('The same for servers that know only option 118, subnet selection (RFC 3011).'),
    hardwareAddress: z
      .string()
      .regex(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/, { error: 'expected six bytes, like 02:00:5e:10:00:01' })
      .optional()
      .describe('The hardware address to ask with; absent: one made for this check and this machine.'),
  })
  .superRefine(({ server, mode, lease, linkSelection, address }, context) => {
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (mode !== 'broadcast' && server === EVERYONE) refuse('server', 'expected the address of a server');
    if (mode === 'broadcast' && address !== undefined) refuse('address', 'not expected in broadcast mode');
    if (mode === 'inform' && lease) refuse('lease', 'expected only where an address is asked for');
    if (mode !== 'relay' && linkSelection !== undefined) {
      refuse('linkSelection', 'expected only in the mode relay');
    }
  });

const EVERYONE = '255.255.255.255';

/** Settings of a `dhcp` check: whom to ask, as whom, and how far to go. */
export type DhcpSettings = z.output<typeof settingsSchema>;

const VALUES = {
  messageType: { type: 'string', summary: 'What the server said: OFFER, ACK or NAK.', cause: 'content' },
  offeredAddress: { type: 'string', summary: 'The IPv4 address offered or leased.', cause: 'content' },
  serverId: { type: 'string', summary: 'By what address the server names itself.', cause: 'content' },
  leaseSeconds: { type: 'number', summary: 'How long a lease holds, in seconds.', cause: 'content' },
  dns: { type: 'list', summary: 'The DNS servers told (option 6), in their order.', cause: 'content' },
  domain: { type: 'string', summary: 'The domain name told (option 15).', cause: 'content' },
  ntp: { type: 'list', summary: 'The NTP servers told (option 42), in their order.', cause: 'content' },
} as const satisfies Record<string, ValueSpec>;

const DEFAULTS: Expectations = { messageType: { in: ['OFFER', 'ACK'] } };

/**
 * The kind `dhcp`: asks a DHCP server (RFC 2131) for an address or for options, and takes no lease unless told to.
 *
 * - Ports 67 and 68 take the capability CAP_NET_BIND_SERVICE, or the sysctl net.ipv4.ip_unprivileged_port_start at 67;
 *   without, a run is blind and says so. So it is when another program has the port: it is never shared, for its
 *   datagrams would be ours. Checks of one vigie share it among themselves.
 * - In the mode relay the server must have a route to us and a network for our address, else `linkSelection`; no
 *   address translation may be in between. In Kubernetes that takes the network of the host.
 * - A closed port of the server is `refused` as long as all checks at the same local port ask one and the same server;
 *   else, in the mode broadcast, and with `fromAnyone`, it is a timeout.
 * - Every message carries the same hardware address in every run, so that one address at most is set aside for us.
 */
export function dhcpProbe(): ProbeKind<DhcpSettings> {
  const ports = new BoundPorts();
  const lookup = createLookup();
  return {
    kind: 'dhcp',
    summary: 'Asks a DHCP server for an address or for options, as a relay or as a client, without a lease.',
    settings: settingsSchema,
    phases: ['resolve', ...DHCP_PHASES],
    values: () => VALUES,
    defaults: DEFAULTS,
    configure: (settings) => configured(settings, ports, lookup),
    close: () => ports.close(),
  };
}

function configured(settings: DhcpSettings, ports: BoundPorts, lookup: Lookup): ConfiguredProbe {
  const { server, port, mode } = settings;
  const identity = JSON.stringify(['dhcp', { ...settings, server: server.toLowerCase() }]);
  const label = `${mode === 'inform' ? 'INFORM' : 'DISCOVER'} to ${server}:${port}`;
  return {
    identity,
    async run(context): Promise<Reading> {
      const found = await findBoth(settings, lookup, context);
      if (found.kind !== 'found') {
        const trouble = found.kind === 'failed' ? found : timedOut('in resolve');
        return faultReading({ label, phases: {}, evidence: {} }, trouble);
      }
      return ask(settings, { ...found, label, identity }, ports, context);
    },
  };
}

interface Found {
  readonly server: Endpoint;
  readonly ownAddress: string;
  readonly resolveMs: number | undefined;
}

type Finding =
  | ({ readonly kind: 'found' } & Found)
  | { readonly kind: 'failed'; readonly error: Error }
  | { readonly kind: 'aborted' };

async function findBoth(
  { server, port, mode, address }: DhcpSettings,
  lookup: Lookup,
  context: ProbeContext,
): Promise<Finding> {
  const found = await resolveHost(lookup, server, 4, context);
  if (found.kind !== 'address') return found;
  const endpoint = { address: found.address, port };
  const fixed = mode === 'broadcast' ? NO_ADDRESS : address;
  const own =
    fixed === undefined ? await ownAddressTo(endpoint) : ({ kind: 'address', address: fixed } as const);
  if (own.kind === 'failed') return own;
  return { kind: 'found', server: endpoint, ownAddress: own.address, resolveMs: found.resolveMs };
}

async function ask(
  settings: DhcpSettings,
  found: Found & { readonly label: string; readonly identity: string },
  ports: BoundPorts,
  context: ProbeContext,
): Promise<Reading> {
  const { mode, linkSelection, subnetSelection, lease } = settings;
  const { server, ownAddress, label, identity, resolveMs } = found;
  const fromAnyone = settings.fromAnyone || mode === 'broadcast';
  const asking = {
    client: { mode, ownAddress, linkSelection, subnetSelection },
    hardwareAddress: settings.hardwareAddress ?? standInHardwareAddress(ownAddress, identity),
    server,
    fromAnyone,
    lease,
  };
  const local = localOf(settings, ownAddress);
  const conversation = await ports.using(local, fromAnyone ? undefined : server, (port) =>
    converse(port, asking, context),
  );
  return dhcpReading(conversation, { label, server, local, resolveMs });
}

/** Clients listen on all addresses: a reply may be broadcast, and those of all modes then share the one port. */
function localOf({ mode, localPort }: DhcpSettings, ownAddress: string): Endpoint {
  return mode === 'relay'
    ? { address: ownAddress, port: localPort ?? DHCP_PORT.server }
    : { address: NO_ADDRESS, port: localPort ?? DHCP_PORT.client };
}
