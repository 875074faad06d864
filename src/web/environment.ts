import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { Requester } from './access/requester.ts';

/** What a request carries besides itself. */
export interface Environment {
  readonly Bindings: HttpBindings;
  readonly Variables: {
    /** Who asks; set before any route is reached. */
    requester: Requester;
  };
}

/** The routes of the server, or a part of them. */
export type Routes = Hono<Environment>;

/** A request under way. */
export type Asked = Context<Environment>;
