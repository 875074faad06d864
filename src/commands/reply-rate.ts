/** Replies of `vigie reflect` a second to one address, unless told otherwise: five checks, 20 round trips each, at once. */
export const DEFAULT_RATE = 100;
