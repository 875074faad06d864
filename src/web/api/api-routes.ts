import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Clock } from '../../core/clock.ts';
import type { Guard } from '../access/guard.ts';
import { knowsAnybody } from '../access/rules.ts';
import type { Routes } from '../environment.ts';
import type { EventStream } from '../event-stream.ts';
import { foreign, jsonOnly, mayWrite, postedJson } from '../posted.ts';
import { methodNotAllowed, problem } from '../problem.ts';
import { addRegister } from '../register-routes.ts';
import type { FaultControl, Sources } from '../sources.ts';
import { AnswerCache } from './answer-cache.ts';
import { latencyOperation } from './latency-operation.ts';
import { monitorOperations } from './monitor-operations.ts';
import { openApi } from './openapi.ts';
import type { Operation } from './operation.ts';
import { periodOperations } from './period-operations.ts';
import { recordOperations } from './record-operations.ts';
import { registerOperations } from './register-operations.ts';
import { addOperations, routePath } from './serve.ts';
import { verdictOperations } from './verdict-operations.ts';
import { FAULTS_PATH, type WriteOperation, writeOperations } from './write-operations.ts';

/** Where the events are, as a list or followed live. */
export const EVENTS_PATH = '/api/events';
const DESCRIPTION_PATH = '/api/openapi.json';
const LARGEST_FAULT_BYTES = 16_384;

/** What the API is made of. */
export interface ApiOptions {
  readonly clock: Clock;
  readonly sources: Sources;
  readonly guard: Guard;
  readonly stream: EventStream;
  readonly headers: Readonly<Record<string, string>>;
}

/** Adds everything under /api, and its description. */
export function addApi(app: Routes, options: ApiOptions): void {
  const { sources, guard, clock, headers } = options;
  const { faults, register, latencies } = sources;
  const cache = new AnswerCache(clock, () => sources.revision?.());
  const reads = [
    ...verdictOperations(sources),
    ...recordOperations(sources, options.stream, clock),
    ...periodOperations(sources),
    ...monitorOperations(sources),
    ...(latencies ? [latencyOperation(latencies, clock)] : []),
    ...(register ? registerOperations(register) : []),
  ];
  const writes = writeOperations(sources);
  addEvents(app, options);
  addOperations(app, reads, cache, headers);
  if (faults) addFaults(app, faults, guard);
  if (register) addRegister(app, register, guard, () => cache.clear());
  let description: ReturnType<typeof openApi> | undefined;
  app.get(DESCRIPTION_PATH, (context) => context.json((description ??= openApi(reads, writes))));
  refuseOtherMethods(app, reads, writes);
}

/** Whoever asks for an event stream follows; anyone else has the list. */
function addEvents(app: Routes, { stream, headers }: ApiOptions): void {
  app.get(EVENTS_PATH, (context, next) => {
    const follows = context.req.header('Accept')?.includes('text/event-stream') === true;
    if (!follows || context.req.method !== 'GET') return next();
    const { outgoing } = context.env;
    if (stream.follow(outgoing, headers, context.req.header('Last-Event-ID')))
      return Promise.resolve(RESPONSE_ALREADY_SENT);
    return Promise.resolve(problem(503, 'too many follow the events already', { 'Retry-After': '30' }));
  });
}

/** Where nobody can prove who they are, only this machine reaches us, and anyone on it may drill. */
function addFaults(app: Routes, faults: FaultControl, guard: Guard): void {
  app.get(FAULTS_PATH, (context) => context.json(faults.state()));
  app.post(
    FAULTS_PATH,
    (context, next) => (knowsAnybody(guard.rules) ? mayWrite(guard)(context, next) : next()),
    ...jsonOnly(LARGEST_FAULT_BYTES),
    async (context) => {
      const refusal = foreign(context, guard);
      if (refusal) return refusal;
      const request = await postedJson(context);
      if (request instanceof Response) return request;
      const answer = faults.set(request.value);
      return answer.ok ? context.json(answer.state) : problem(422, answer.detail);
    },
  );
}

function refuseOtherMethods(
  app: Routes,
  reads: readonly Operation[],
  writes: readonly WriteOperation[],
): void {
  const read = new Set([...reads.map(({ path }) => path), DESCRIPTION_PATH, FAULTS_PATH]);
  const written = new Set(writes.map(({ path }) => path));
  if (!written.has(FAULTS_PATH)) read.delete(FAULTS_PATH);
  for (const path of read.union(written)) {
    const methods = [...(read.has(path) ? ['GET', 'HEAD'] : []), ...(written.has(path) ? ['POST'] : [])];
    app.all(routePath(path), () => methodNotAllowed(methods.join(', ')));
  }
}
