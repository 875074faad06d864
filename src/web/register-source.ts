/** What came of a wish that was posted: the body of the answer, or why not. */
export type RegisterAnswer =
  | { readonly ok: true; readonly status: 200 | 201; readonly body: unknown }
  | { readonly ok: false; readonly status: 404 | 409 | 422; readonly detail: string };

/** The register of exclusions and tickets: what no probe can see. Bodies are as the app defines them, ready for JSON. */
export interface RegisterSource {
  /** Whether one who shows this token may write; undefined where nobody may. Takes as long for any token. */
  mayWrite(): ((token: string) => boolean) | undefined;
  exclusions(): unknown;
  tickets(): unknown;
  /** What to ask the provider for a ticket. Reads the windows. */
  claim(ticket: string): Promise<RegisterAnswer>;
  /** `from` says where the wish comes from, for the audit. The request is decoded here. Reject when the books are broken. */
  declare(request: unknown, from: string): Promise<RegisterAnswer>;
  confirm(id: string, request: unknown, from: string): Promise<RegisterAnswer>;
  withdraw(id: string, request: unknown, from: string): Promise<RegisterAnswer>;
  takeTickets(request: unknown, from: string): Promise<RegisterAnswer>;
}
