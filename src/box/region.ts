/** The region that the box plays. */
export const BOX_REGION = 'cloudgouv-eu-west-1';

/** Its subregions. */
export const BOX_SUBREGIONS = ['a', 'b', 'c'].map((letter) => `${BOX_REGION}${letter}`);

/** The domain of names inside the region. */
export const INTERNAL_DOMAIN = `${BOX_REGION}.compute.internal`;

/** The machine on which vigie believes to run, as the metadata service of the box describes it. */
export const BOX_VM = {
  id: 'i-0b0c5e01',
  address: '10.0.0.4',
  subregion: `${BOX_REGION}a`,
  server: 'server-1',
  cluster: 'cluster-1',
} as const;

/** The machines on the same hardware as {@link BOX_VM}, itself the first. */
export const BOX_SERVER_VMS = [BOX_VM.id, 'i-0b0c5e02'] as const;

/** A machine of ours in each subregion, whose only task is to be reached. */
export const BOX_CANARIES = ['i-0b0c5e0a', 'i-0b0c5e0b', 'i-0b0c5e0c'] as const;

/** The machines behind the load balancer, by the service of the box that is each. */
export const BOX_BACKENDS = { 'backend-1': 'i-0b0c5e11', 'backend-2': 'i-0b0c5e12' } as const;

/** The load balancer. */
export const BOX_BALANCER = 'front';

/** The volume of {@link BOX_VM}. */
export const BOX_VOLUME = 'vol-0b0c5e01';

/** Snapshots: the one of last night, and the sentinels that were made to be looked for. */
export const BOX_SNAPSHOTS = {
  nightly: 'snap-0a1b2c3d',
  sentinels: ['snap-00000001', 'snap-00000002'],
} as const;
