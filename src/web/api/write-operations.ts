import { z } from 'zod';
import type { Sources } from '../sources.ts';
import {
  confirmationSchema,
  declaredSchema,
  exclusionSchema,
  ticketEventSchema,
  withdrawalSchema,
  writtenSchema,
} from './schemas/register.ts';

/** Where the fire drill of a region in a box is looked at and set. */
export const FAULTS_PATH = '/api/faults';

/** A request that changes something, and how it is described. */
export interface WriteOperation {
  readonly path: string;
  readonly summary: string;
  readonly body: z.ZodType;
  readonly answer: z.ZodType;
  /** 201 where something new may come of it. */
  readonly creates: boolean;
}

/** What can be written. */
export function writeOperations({ register, faults }: Sources): readonly WriteOperation[] {
  return [...(register ? REGISTER : []), ...(faults ? [DRILL] : [])];
}

const REGISTER: readonly WriteOperation[] = [
  {
    path: '/api/exclusions',
    summary: 'Declare a span not to be downtime; it is in force at once.',
    body: declaredSchema,
    answer: exclusionSchema,
    creates: true,
  },
  {
    path: '/api/exclusions/{id}/confirm',
    summary: 'Put a proposed exclusion in force.',
    body: confirmationSchema,
    answer: exclusionSchema,
    creates: true,
  },
  {
    path: '/api/exclusions/{id}/withdraw',
    summary: 'Take an exclusion out of force; it stays on record.',
    body: withdrawalSchema,
    answer: exclusionSchema,
    creates: true,
  },
  {
    path: '/api/tickets',
    summary: 'Enter events of support tickets: all of them, or none.',
    body: z.union([ticketEventSchema, z.array(ticketEventSchema)]),
    answer: writtenSchema,
    creates: true,
  },
];

/** As the region in a box has it. */
const drillState = z.looseObject({});

const DRILL: WriteOperation = {
  path: FAULTS_PATH,
  summary: 'Break a service of the region in a box, or mend it.',
  body: z.looseObject({ fault: z.string().optional().describe('`dns`, `dns=timeout`, `dns=none`.') }),
  answer: drillState,
  creates: false,
};
