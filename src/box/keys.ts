/**
 * The pair of keys that signs in the region in a box. They open nothing else, so that everybody may know them; the
 * configuration of the box refers to the secret one as it would to a real one, in config/box/secret-key.
 */
export const BOX_KEY = { accessKey: 'VIGIEDRILL', secretKey: 'of-no-use-outside-the-box' } as const;
