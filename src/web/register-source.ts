import type { ExclusionKind } from '../core/exclusion.ts';
import type { TicketJson } from '../core/ticket-json.ts';

/** What came of a wish that was posted: the body of the answer, or why not. */
export type RegisterAnswer =
  | { readonly ok: true; readonly status: 200 | 201; readonly body: unknown }
  | { readonly ok: false; readonly status: 404 | 409 | 422; readonly detail: string };

/** A declared exclusion with all that happened to it; instants in RFC 3339. */
export interface ExclusionJson {
  readonly id: string;
  readonly state: 'proposed' | 'in-force' | 'withdrawn';
  readonly kind: ExclusionKind;
  readonly rows?: readonly string[];
  readonly checks?: readonly string[];
  readonly scopes?: readonly string[];
  readonly reason: string;
  readonly author: string;
  readonly evidence?: string;
  /** `configuration`, `person`, or what proposed it. */
  readonly source: string;
  /** Of its first span and its last. */
  readonly from: string | null;
  readonly to: string | null;
  readonly spans: readonly { readonly from: string; readonly to: string }[];
  readonly enteredAt: string | null;
  readonly afterTheFact: 'before' | 'begun' | 'ended' | 'unknown';
  readonly history: readonly {
    readonly event: 'declared' | 'proposed' | 'confirmed' | 'withdrawn';
    readonly at: string;
    readonly author: string;
    readonly reason: string | null;
  }[];
}

/** Who makes a wish, for the audit. */
export interface Wisher {
  /** As whom they proved themselves. */
  readonly name: string;
  /** From where, such as `http 10.0.0.7`. */
  readonly from: string;
}

/**
 * The register of exclusions and tickets: what no probe can see. Requests are decoded here; who says nothing of an author
 * is the author. What is posted rejects when the books are broken.
 */
export interface RegisterSource {
  exclusions(): readonly ExclusionJson[];
  tickets(): readonly TicketJson[];
  /** What to ask the provider for a ticket. Reads the windows. */
  claim(ticket: string): Promise<RegisterAnswer>;
  declare(request: unknown, by: Wisher): Promise<RegisterAnswer>;
  confirm(id: string, request: unknown, by: Wisher): Promise<RegisterAnswer>;
  withdraw(id: string, request: unknown, by: Wisher): Promise<RegisterAnswer>;
  takeTickets(request: unknown, by: Wisher): Promise<RegisterAnswer>;
}
