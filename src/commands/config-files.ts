import { join } from 'node:path';

/** The configuration that is used when none is named. */
export const DEFAULT_CONFIG = 'vigie.yaml';

/** The configuration of the region in a box. */
export const BOX_CONFIG = join(import.meta.dirname, '../../config/vigie.yaml');
