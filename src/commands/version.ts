import manifest from '../../package.json' with { type: 'json' };

/** The version of vigie, as its package names it. */
export const VERSION = manifest.version;
