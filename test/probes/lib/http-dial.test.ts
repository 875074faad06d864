import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { dial } from '../../../probes/lib/http-dial.ts';
import { createLookup, type Lookup } from '../../../probes/lib/lookup.ts';
import { PhaseWatch } from '../../../probes/lib/http-phases.ts';
import { systemClock } from '../../../src/clock.ts';
import { answer, startHttpServer } from '../../servers/http.ts';

test('dial: cancelled while the name is being looked up, it connects to nothing and tells nobody', async () => {
  const server = await startHttpServer(answer(200));
  let find = (): void => expect.unreachable('nobody asked');
  const late: Lookup = (_host, _ipVersion, done) => {
    find = () => done(null, '127.0.0.1');
  };
  const target = {
    host: 'late.test',
    port: server.port,
    ipVersion: 4,
    lookup: late,
    tls: undefined,
  } as const;
  const watch = new PhaseWatch(systemClock);
  let told = false;
  const cancel = dial(target, watch, () => {
    told = true;
  });
  expect(watch.phase).toBe('resolve');
  cancel();
  find();
  for (let turn = 0; turn < 50; turn++) await nextTurn();
  expect({ told, connections: server.connections() }).toEqual({ told: false, connections: 0 });
  await server.close();
});

test('createLookup: all who ask for a name at the same time are told, and an address is told at once', async () => {
  const lookup = createLookup();
  const ask = (host: string): Promise<string> =>
    new Promise((resolve, reject) => {
      lookup(host, 4, (error, address) => (error ? reject(error) : resolve(address)));
    });
  const found = await Promise.all([ask('localhost'), ask('localhost'), ask('127.0.0.9')]);
  expect(found).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.9']);
  expect(await ask('localhost')).toBe('127.0.0.1');
});
