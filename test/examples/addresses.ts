/** Every address that the examples name, or that a name of theirs leads to, as the region of the tests has them. */
export const REGION = 'cloudgouv-eu-west-1';

/** The cable between the region and the machine that vigie runs on. */
export const CABLE = { region: '10.0.0.1', machine: '10.0.0.50' } as const;

/** Where the provider's public doors are. */
const DOORS = '203.0.113.10';

/** Names, and where they lead. */
export const NAMES: Readonly<Record<string, string>> = {
  [`ip-10-0-0-4.${REGION}.compute.internal`]: '10.0.0.4',
  [`ntp1.${REGION}.compute.internal`]: '10.0.0.123',
  [`ntp2.${REGION}.compute.internal`]: '10.0.0.124',
  'www.rfc-editor.org': '203.0.113.30',
  'www.debian.org': '203.0.113.31',
  'deb.debian.org': '203.0.113.31',
  'www.example.org': '203.0.113.20',
  'db.example.org': '203.0.113.21',
  ...Object.fromEntries(
    ['api', 'oos', 'fcu', 'lbu', 'eim'].map((door) => [`${door}.${REGION}.outscale.com`, DOORS]),
  ),
};

/** By TLS: the doors, the site, and hosts of the world. */
export const TLS_ADDRESSES = [
  DOORS,
  '203.0.113.20',
  '203.0.113.30',
  '203.0.113.31',
  '1.1.1.1',
  '9.9.9.9',
] as const;
/** Resolvers, UDP and TCP. */
export const DNS_ADDRESSES = ['10.0.0.2', '9.9.9.9', '193.0.14.129'] as const;
export const NTP_ADDRESSES = ['10.0.0.123', '10.0.0.124'] as const;
export const METADATA_ADDRESS = '169.254.169.254';
/** Machines on which `vigie reflect` runs. */
export const REFLECTORS = ['10.0.1.10', '10.0.2.10', '10.0.3.10'] as const;
/** Machines that are connected to. */
export const MACHINES = [
  ...REFLECTORS.map((address) => ({ address, port: 22 })),
  ...['10.0.1.21', '10.0.1.22', '10.0.1.31', '10.0.1.32'].map((address) => ({ address, port: 22 })),
  { address: '10.0.3.20', port: 443 },
  { address: '10.0.0.20', port: 443 },
];
/** Behind the site and the database. */
export const SITE_BACKENDS = ['10.0.1.4', '10.0.2.4'] as const;
export const DATABASE = { address: '203.0.113.21', port: 5_432, backends: ['10.0.1.5', '10.0.2.5'] } as const;
/** A machine behind a firewall: one port let through, one dropped, one elsewhere by which it is heard. */
export const FIREWALLED = {
  address: '10.0.2.30',
  allowed: 8_443,
  denied: 8_444,
  heartbeat: { address: '10.0.9.30', port: 8_445 },
} as const;

/** All of them, each once, but that of the cable. */
export const ADDRESSES: readonly string[] = [
  ...new Set([
    ...Object.values(NAMES),
    ...TLS_ADDRESSES,
    ...DNS_ADDRESSES,
    METADATA_ADDRESS,
    ...MACHINES.map(({ address }) => address),
    ...SITE_BACKENDS,
    DATABASE.address,
    ...DATABASE.backends,
    FIREWALLED.address,
    FIREWALLED.heartbeat.address,
  ]),
];
