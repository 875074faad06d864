/** The key that signs in the region of the tests. */
export const KEY = { accessKey: 'EXAMPLEACCESSKEY', secretKey: 'example-secret-key/x+y=' } as const;

/** The environment that the examples refer to. */
export const ENVIRONMENT = {
  OSC_ACCESS_KEY: KEY.accessKey,
  OSC_SECRET_KEY: KEY.secretKey,
  VIGIE_SENTINEL_SEED: 'example-seed',
} as const;
