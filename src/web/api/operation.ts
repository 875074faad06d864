import { z } from 'zod';
import type { Asked } from '../environment.ts';
import type { Answer, Format } from './answer.ts';
import { decoded, givenIn } from './query.ts';

/** A request for data that the API answers, and how it is described. */
export interface Operation {
  /** As OpenAPI writes it: `/api/rows/{row}`. */
  readonly path: string;
  readonly summary: string;
  readonly query: z.ZodObject;
  /** Of the answer as JSON. */
  readonly answer: z.ZodType;
  /** Of a line, where the answer may be lines of JSON. */
  readonly line?: z.ZodType;
  /** How the answer may be written, the first unless something else is asked for. */
  readonly formats: readonly [Format, ...Format[]];
  /** What is said of people: kept by no cache at all. */
  readonly isPrivate: boolean;
  /** The answer; a Refusal when the query is not understood. */
  readonly ask: (context: Asked) => Promise<Answer>;
}

/** What an operation is made of. */
export interface OperationParts<S extends z.ZodRawShape> {
  readonly path: string;
  readonly summary: string;
  readonly query: S;
  readonly answer: z.ZodType;
  readonly line?: z.ZodType;
  readonly formats?: readonly [Format, ...Format[]];
  readonly isPrivate?: boolean;
  readonly handle: (query: z.output<z.ZodObject<S>>, context: Asked) => Answer | Promise<Answer>;
}

/** Puts an operation together; where there are several formats, the query may name one. */
export function operation<S extends z.ZodRawShape>(parts: OperationParts<S>): Operation {
  const { handle, formats = ['json'], isPrivate = false, ...rest } = parts;
  const own = z.strictObject(parts.query);
  const naming = z.object({ format: z.enum(formats).optional() });
  return {
    ...rest,
    formats,
    isPrivate,
    query: formats.length > 1 ? own.extend(naming.shape) : own,
    async ask(context) {
      const { format, ...given } = givenIn(context);
      const named = decoded({ format }, naming);
      const asked = decoded(formats.length > 1 ? given : givenIn(context), own);
      if ('status' in named) return named;
      if ('status' in asked) return asked;
      return handle(asked.value, context);
    },
  };
}
