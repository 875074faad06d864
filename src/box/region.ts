/** The region that the box plays. */
export const BOX_REGION = 'cloudgouv-eu-west-1';

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
