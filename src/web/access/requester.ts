/** What one may do: `read` sees everything, `write` changes the register and the fire drill. */
export const RIGHTS = ['read', 'write'] as const;
export type Right = (typeof RIGHTS)[number];

/** Who makes a request, from where, and what they may do. */
export interface Requester {
  /** As whom they proved themselves; null for one who did not. */
  readonly name: string | null;
  /** The address that the request came from; behind a trusted proxy what that says. */
  readonly address: string;
  readonly rights: ReadonlySet<Right>;
  /** Where we were reached, as the requester sees it: `https` or `http`, and the host with its port. */
  readonly scheme: string;
  readonly host: string;
}
