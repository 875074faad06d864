import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../servers/until.ts';
import { z } from 'zod';
import { type Running, runVigie, startVigie } from './spawn-vigie.ts';

const TOKEN = 's3cret-of-the-test';

const CONFIG = `
contract: outscale-secnumcloud
region: cloudgouv-eu-west-1
deployment: { subregions: [cloudgouv-eu-west-1a, cloudgouv-eu-west-1b, cloudgouv-eu-west-1c] }
listen: { port: 0 }
access: { token: { env: VIGIE_TOKEN } }
tickets: { file: tickets.jsonl }
checks:
  - { id: api, probe: tcp, row: sla4.api, interval: 1s, timeout: 400ms, confirm: 1, with: { host: 127.0.0.1, port: 1 } }
  - { id: net, probe: tcp, row: sla4.internet, interval: 1s, timeout: 400ms, confirm: 1, with: { host: 127.0.0.2, port: 1 } }
exclusions:
  - { id: standing, kind: attack, from: "2020-01-01T00:00:00Z", to: "2020-01-02T00:00:00Z", reason: old, author: ops }
`;

let folder = '';
let vigie: Running | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-register-'));
  writeFileSync(join(folder, 'vigie.yaml'), CONFIG);
});
afterEach(async () => {
  vigie?.kill('SIGTERM');
  await vigie?.finished;
  vigie = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: readonly string[]) => runVigie(args, { cwd: folder, env: { VIGIE_TOKEN: TOKEN } });
/** What is looked at of the answers, all of which are looked at by matching. */
interface Told {
  readonly exclusions: readonly { readonly spans: readonly object[] }[];
  readonly incidents: readonly {
    readonly incident: object | null;
    readonly samples: { readonly shown: readonly object[] };
  }[];
}
const json = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await run(...args, '--output', 'json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const answer: Told = JSON.parse(stdout);
  return answer;
};
const ADD = ['--kind', 'attack', '--reason', 'flood', '--author', 'ann'];
const SPAN = ['--from', '2026-03-10T22:00:00+01:00', '--to', '2026-03-11T00:00:00+01:00'];

describe('vigie exclude', () => {
  it('add, list, withdraw: with all that happened, and nothing is ever gone', async () => {
    await json(
      'exclude',
      'add',
      'a',
      ...ADD,
      ...SPAN,
      '--row',
      'sla4.api',
      '--evidence',
      'https://e.example/1',
    );
    await json('exclude', 'withdraw', 'a', '--reason', 'typed wrong', '--author', 'bob');
    const { exclusions } = await json('exclude', 'list');
    expect(exclusions).toMatchObject([
      { id: 'standing', state: 'in-force', source: 'configuration', afterTheFact: 'unknown' },
      {
        id: 'a',
        state: 'withdrawn',
        rows: ['sla4.api'],
        evidence: 'https://e.example/1',
        afterTheFact: 'ended',
        spans: [{ from: '2026-03-10T21:00:00.000Z', to: '2026-03-10T23:00:00.000Z' }],
        history: [
          { event: 'declared', author: 'ann' },
          { event: 'withdrawn', author: 'bob', reason: 'typed wrong' },
        ],
      },
    ]);
    const { stdout } = await run('exclude', 'list', '--state', 'withdrawn');
    expect(stdout.split('\n')[1]).toMatch(/^a +withdrawn +attack +2026-03-10T21:00:00.000Z /);
  });

  it('propose, confirm; the author is the account when nobody is named', async () => {
    const weekly = [
      '--rrule',
      'FREQ=WEEKLY;BYDAY=TU;COUNT=3',
      '--from',
      '2027-03-20',
      '--at',
      '22:00',
      '--for',
      '2h',
      '--zone',
      'Europe/Paris',
    ];
    const proposed = await json(
      'exclude',
      'propose',
      'w',
      '--kind',
      'maintenance',
      '--reason',
      'r',
      '--source',
      'mail',
      ...weekly,
    );
    expect(proposed.exclusions).toMatchObject([
      { state: 'proposed', source: 'mail', author: expect.stringMatching(/./) },
    ]);
    const { exclusions } = await json('exclude', 'confirm', 'w');
    expect(exclusions).toMatchObject([{ state: 'in-force', afterTheFact: 'before' }]);
    expect(exclusions[0]?.spans).toEqual([
      { from: '2027-03-23T21:00:00.000Z', to: '2027-03-23T23:00:00.000Z' },
      { from: '2027-03-30T20:00:00.000Z', to: '2027-03-30T22:00:00.000Z' },
      { from: '2027-04-06T20:00:00.000Z', to: '2027-04-06T22:00:00.000Z' },
    ]);
  });

  it('wrong wishes say all that is wrong, and write nothing', async () => {
    const wrong = await run(
      'exclude',
      'add',
      'a',
      ...ADD,
      ...SPAN,
      '--row',
      'sla4.apj',
      '--check',
      'nett',
      '--scope',
      'regoin',
    );
    expect({ code: wrong.code, stdout: wrong.stdout }).toEqual({ code: 2, stdout: '' });
    expect(wrong.stderr.split('\n').slice(0, -1)).toEqual([
      'vigie: rows[0] is "sla4.apj", expected a row of the contract; did you mean "sla4.api"?',
      'vigie: checks[0] is "nett", expected a check of the configuration; did you mean "net"?',
      'vigie: scopes[0] is "regoin", expected a scope of a check or of a row; did you mean "region"?',
    ]);
    const endless = [
      '--every',
      'week',
      '--on',
      'tue',
      '--from',
      '2026-03-20',
      '--at',
      '22:00',
      '--for',
      '2h',
      '--zone',
      'Europe/Pariss',
    ];
    expect((await run('exclude', 'add', 'a', ...ADD, ...endless)).stderr.split('\n').slice(0, -1)).toEqual([
      'vigie: recurs.zone is "Europe/Pariss", expected an IANA time zone like "Europe/Paris"',
      'vigie: recurs.until is missing, expected its last date, like "2026-12-31": nothing is declared for ever',
    ]);
    expect((await json('exclude', 'list')).exclusions).toHaveLength(1);
  });

  it('an instant that is none is told once, and nothing is compared with it', async () => {
    const { code, stderr } = await run('exclude', 'add', 'x', ...ADD, '--from', 'noon', ...SPAN.slice(2));
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'vigie: from is "noon", expected an instant with an offset, like "2026-03-10T22:00:00+01:00"\n',
    });
  });

  it('of the books of the region in a box it is said that no drill reads them', async () => {
    const box = join(import.meta.dirname, '../../config/vigie.yaml');
    const { code, stderr } = await run('exclude', 'list', '--config', box);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('no books of a drill') });
    expect((await run('exclude', 'list')).stderr).toBe('');
  });

  it('an id that is taken, or that there is none of, is named', async () => {
    await json('exclude', 'add', 'attack-1', ...ADD, ...SPAN);
    expect((await run('exclude', 'add', 'attack-1', ...ADD, ...SPAN)).stderr).toMatch(
      /^vigie: the id attack-1 is taken by what ann entered on \S+, word for word the same; expected an id of its own\n$/,
    );
    expect((await run('exclude', 'withdraw', 'atack-1', '--reason', 'x')).stderr).toBe(
      'vigie: there is no exclusion atack-1; did you mean "attack-1"?\n',
    );
    expect((await run('exclude', 'withdraw', 'standing', '--reason', 'x')).stderr).toBe(
      'vigie: exclusion standing stands in the configuration: change it there\n',
    );
  });
});

/** Worked examples of the support clocks (sla-math §9), by hand instead of from a file. */
describe('vigie exclude: a span by its length', () => {
  it('from now on, or from an instant; never with an end as well', async () => {
    const span = async (...args: readonly string[]) =>
      (await json('exclude', 'add', ...args, ...ADD)).exclusions[0]?.spans[0];
    expect(await span('a', '--from', '2026-03-10T22:00:00+01:00', '--for', '2h')).toEqual({
      from: '2026-03-10T21:00:00.000Z',
      to: '2026-03-10T23:00:00.000Z',
    });
    const before = Date.now();
    const { from, to } = z
      .object({ from: z.string(), to: z.string() })
      .parse(await span('b', '--for', '90s'));
    expect(Date.parse(to) - Date.parse(from)).toBe(90_000);
    expect(Date.parse(from)).toBeGreaterThanOrEqual(before);
    const wrong = async (...args: readonly string[]) =>
      (await run('exclude', 'add', 'c', ...args, ...ADD)).stderr;
    expect(await wrong(...SPAN, '--for', '2h')).toBe(
      'vigie: --to and --for both say when it ends: expected one of them\n',
    );
    expect(await wrong('--for', '90')).toContain('--for is 90, expected a duration like');
    expect(await wrong('--from', 'soon', '--for', '1h')).toContain('--from is soon, expected an instant');
  });
});

describe('vigie ticket: worked examples', () => {
  it.each([
    ['L', '2026-04-30T15:00:00+02:00', '2026-05-06T15:00:00+02:00'],
    ['M', '2026-03-27T18:00:00+01:00', '2026-04-02T18:00:00+02:00'],
    ['N', '2026-05-02T03:00:00+02:00', '2026-05-07T20:00:00+02:00'],
  ])('%s: severity 3 opened %s is due %s', async (name, openedAt, due) => {
    await json('ticket', 'open', name, '--severity', '3', '--complete', '--at', openedAt);
    const shown = JSON.parse(
      (await run('ticket', 'show', name, '--at', openedAt.replace(':00:00+', ':00:01+'), '--output', 'json'))
        .stdout,
    );
    expect(shown.gtr.deadline).toBe(new Date(due).toISOString());
  });

  it('O: a wait from Friday 19:30 to Monday 8:10 is 40 minutes of working time, and 60 h 40 min elapsed', async () => {
    const lines = [1, 3].flatMap((severity) =>
      [
        { event: 'opened', at: '2026-05-22T19:00:00+02:00', severity, complete: true },
        { event: 'waiting', at: '2026-05-22T19:30:00+02:00' },
        { event: 'resumed', at: '2026-05-25T08:10:00+02:00' },
      ].map((said) => JSON.stringify({ ticket: `O${severity}`, ...said })),
    );
    writeFileSync(join(folder, 'in.jsonl'), lines.join('\n'));
    await json('ticket', 'import', 'in.jsonl');
    const { stdout } = await run('ticket', 'list', '--at', '2026-05-25T09:00:00+02:00', '--output', 'json');
    const used = (id: string) =>
      JSON.parse(stdout).tickets.find(({ ticket }: { ticket: string }) => ticket === id).gtr.elapsedMs /
      60_000;
    expect([used('O3'), used('O1')]).toEqual([30 + 90 - 40 + 0, 62 * 60 - (60 * 60 + 40)]);
  });
});

describe('vigie ticket', () => {
  it('import: all or none; link, show and claim without a vigie that runs', async () => {
    const lines = [
      '{"ticket":"INC-1","event":"responded","at":"2026-05-04T08:30:00Z"}',
      '{"ticket":"INC-1","event":"opened","at":"2026-05-04T08:00:00Z","severity":2,"complete":true,"title":"API down"}',
    ];
    writeFileSync(
      join(folder, 'in.jsonl'),
      [...lines, '{"ticket":"INC-1","event":"reopened","at":"2026-05-04T09:00:00Z"}'].join('\n'),
    );
    const refused = await run('ticket', 'import', 'in.jsonl');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toBe(
      'in.jsonl:3: ticket "INC-1": "reopened" at 2026-05-04T09:00:00.000Z, but the ticket was not resolved\n',
    );
    writeFileSync(join(folder, 'in.jsonl'), lines.join('\n'));
    expect((await run('ticket', 'import', 'in.jsonl')).stdout).toBe('2 new events\n');
    expect((await run('ticket', 'import', 'in.jsonl')).stdout).toBe('0 new events\n');
    expect((await run('ticket', 'link', 'INC-1', 'sla4.ap', '--from', '2026-05-04T07:00:00Z')).stderr).toBe(
      'vigie: sla4.ap is no row of the contract; did you mean "sla4.api"?\n',
    );
    await json('ticket', 'link', 'INC-1', 'sla4.api', '--from', '2026-05-04T07:00:00Z');
    const claim = await json('ticket', 'claim', 'INC-1');
    expect(claim).toMatchObject({
      ticket: 'INC-1',
      region: 'cloudgouv-eu-west-1',
      gti: { state: 'met' },
      incidents: [{ row: 'sla4.api', clause: 'SLA4', incident: null, samples: { count: 0 } }],
    });
    expect((await run('ticket', 'show', 'INC-2')).stderr).toBe(
      'vigie: there is no ticket "INC-2"; did you mean "INC-1"?\n',
    );
  });

  it('open, said again: it is there already, or what differs from the first time; nothing is changed', async () => {
    const open = ['ticket', 'open', 'INC-1', '--complete', '--severity'];
    const first = await json(...open, '2', '--at', '2026-05-04T08:00:00Z');
    for (const at of [[], ['--at', '2026-05-04T10:00:00+02:00']]) {
      const again = await run(...open, '2', ...at, '--output', 'json');
      expect(again.stderr).toBe('vigie: ticket "INC-1": this is there already; nothing was changed\n');
      expect(again.code).toBe(0);
      expect(JSON.parse(again.stdout).tickets).toMatchObject([{ opened: '2026-05-04T08:00:00.000Z' }]);
    }
    const other = await run(...open, '3', '--title', 'API down');
    expect(other.code).toBe(2);
    expect(other.stderr).toBe(
      'vigie: ticket "INC-1": "opened" at 2026-05-04T08:00:00.000Z, otherwise than the first time, which said severity 2, no title\n',
    );
    expect((await run(...open, '2', '--at', '2026-05-04T09:00:00Z')).stderr).toMatch(
      /which said at 2026-05-04T08:00:00\.000Z\n$/,
    );
    expect(first).toMatchObject({ tickets: [{ severity: 2 }] });
  });

  it('a severity that the contract does not have is refused by name', async () => {
    const { code, stderr } = await run('ticket', 'open', 'X', '--severity', '7');
    expect(code).toBe(2);
    expect(stderr).toBe(
      'vigie: "severity" is 7, expected a severity of the contract\'s support rows: 1, 2, 3\n',
    );
  });
});

describe('with --url, into the books of a vigie elsewhere', () => {
  it('exclusions and ticket events: in its words, by whose token, and nothing beside it', async () => {
    vigie = startVigie(['run', '--no-table'], { cwd: folder, env: { VIGIE_TOKEN: TOKEN } });
    const [url] = await vigie.printed(/http:\/\/127\.0\.0\.1:\d+/);
    const cwd = mkdtempSync(join(folder, 'elsewhere-'));
    const there = (...args: readonly string[]) =>
      runVigie([...args, '--url', url], { cwd, env: { VIGIE_TOKEN: TOKEN } });
    const kind = ['--kind', 'attack', '--reason', 'flood'];
    const added = await there('exclude', 'add', 'far', ...kind, ...SPAN, '--output', 'json');
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const [entered] = (JSON.parse(added.stdout) as Told).exclusions;
    expect(entered).toMatchObject({
      ...{ id: 'far', state: 'in-force', reason: 'flood' },
      spans: [{ from: '2026-03-10T21:00:00.000Z', to: '2026-03-10T23:00:00.000Z' }],
    });
    expect(entered).not.toMatchObject({ author: userInfo().username });
    const withdrawn = await there('exclude', 'withdraw', 'far', '--reason', 'typed wrong', '--author', 'bob');
    expect(withdrawn).toMatchObject({ code: 0, stdout: expect.stringMatching(/far +withdrawn/) });
    const again = await there('exclude', 'confirm', 'far', '--reason', 'r', '--author', 'bob');
    expect(again).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^vigie: .*withdrawn/),
    });
    const at = ['--at', '2026-05-04T08:00:00Z'];
    const open = ['ticket', 'open', 'INC-9', '--severity', '2', '--complete', ...at];
    expect(await there(...open)).toMatchObject({ code: 0, stdout: '1 new events\n', stderr: '' });
    expect((await there(...open)).stdout).toBe('0 new events\n');
    const answered = ['ticket', 'event', 'INC-9', 'responded', '--at', '2026-05-04T08:10:00Z'];
    expect((await there(...answered, '--author', 'bob')).stderr).toMatch(
      /^vigie: --author goes with the books/,
    );
    expect((await there(...answered, '--output', 'json')).stdout).toBe('{\n  "written": 1\n}\n');
    const { exclusions } = await json('exclude', 'list');
    expect(exclusions).toMatchObject([
      { id: 'standing' },
      { id: 'far', history: [{ event: 'declared' }, { event: 'withdrawn', author: 'bob' }] },
    ]);
    expect(await run('ticket', 'show', 'INC-9')).toMatchObject({ stdout: expect.stringContaining('met') });
    expect(readdirSync(cwd)).toEqual([]);
    const unknown = await runVigie(['exclude', 'withdraw', 'far', '--reason', 'r', '--url', url], {
      ...{ cwd, env: {} },
    });
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('VIGIE_TOKEN') });
  }, 60_000);
});

interface Verdict {
  readonly row: string;
  readonly scope: string;
  readonly reading: string;
  readonly downtimeMs: { readonly estimate: number };
  readonly incidents: readonly { readonly from: string }[];
}

describe('the register beside a vigie that runs', () => {
  it('exclusions from the command line and over HTTP are judged by at once, tickets followed, claims gathered', async () => {
    vigie = startVigie(['run', '--no-table'], { cwd: folder, env: { VIGIE_TOKEN: TOKEN } });
    const [url] = await vigie.printed(/http:\/\/127\.0\.0\.1:\d+/);
    const get = async (path: string) => (await fetch(`${url}${path}`)).json();
    const post = (path: string, body: object) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(body),
      });
    const verdictOn = async (row: string): Promise<Verdict | undefined> => {
      const { verdicts } = (await get('/api/verdicts')) as { readonly verdicts: readonly Verdict[] };
      return verdicts.find((one) => one.row === row && one.reading === 'client');
    };
    const downOn = async (row: string, isDown: boolean) =>
      until(async () => {
        const verdict = await verdictOn(row);
        return verdict && verdict.downtimeMs.estimate > 0 === isDown ? verdict : undefined;
      });

    const before = await downOn('sla4.api', true);
    const from = new Date(Date.parse(before.incidents[0]?.from ?? '') - 60_000).toISOString();
    const to = new Date(Date.parse(from) + 3_600_000).toISOString();
    await json('exclude', 'add', 'from-cli', ...ADD, '--from', from, '--to', to, '--row', 'sla4.api');
    await downOn('sla4.api', false);
    await json('exclude', 'withdraw', 'from-cli', '--reason', 'no attack at all');
    const again = await downOn('sla4.api', true);

    const said = {
      id: 'from-http',
      kind: 'attack',
      from,
      to,
      rows: ['sla4.api'],
      reason: 'flood',
      author: 'eve',
    };
    expect((await post('/api/exclusions', { ...said, rows: ['sla4.apj'] })).status).toBe(422);
    expect((await post('/api/exclusions', said)).status).toBe(201);
    expect((await post('/api/exclusions', said)).status).toBe(409);
    await downOn('sla4.api', false);
    expect(
      (await post('/api/exclusions/from-http/withdraw', { author: 'eve', reason: 'mistake' })).status,
    ).toBe(201);
    expect((await post('/api/exclusions/nothing/confirm', { author: 'eve' })).status).toBe(404);

    writeFileSync(
      join(folder, 'tickets.jsonl'),
      `{"ticket":"INC-7","event":"opened","at":"${new Date(Date.now() - 60_000).toISOString()}","severity":2,"complete":true}\n`,
    );
    await until(async () => {
      const { tickets } = (await get('/api/tickets')) as { readonly tickets: readonly object[] };
      return tickets.length > 0 ? tickets : undefined;
    });
    expect(
      (await post('/api/tickets', { ticket: 'INC-7', event: 'resumed', at: new Date().toISOString() }))
        .status,
    ).toBe(422);
    const answered = { ticket: 'INC-7', event: 'responded', at: new Date(Date.now() - 10).toISOString() };
    expect((await post('/api/tickets', answered)).status).toBe(201);
    expect((await post('/api/tickets', answered)).status).toBe(200);
    await json('ticket', 'link', 'INC-7', 'sla4.api', '--from', again.incidents[0]?.from ?? '');
    const claim = await until(async () => {
      const found = await json('ticket', 'claim', 'INC-7', '--url', url);
      return found.incidents[0]?.incident ? found : undefined;
    });
    expect(claim.incidents[0]).toMatchObject({ clause: 'SLA4', incident: { causes: ['refused'] } });
    expect(claim.incidents[0]?.samples.shown[0]).toMatchObject({
      check: 'api',
      outcome: 'bad',
      cause: 'refused',
    });

    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^vigie_exclusions\{state="withdrawn"\} 2$/m);
    expect(metrics).toMatch(/^vigie_exclusions\{state="in-force"\} 1$/m);
    expect(metrics).toMatch(/^vigie_support_deadline_timestamp_seconds\{clock="gtr",severity="2"\} \d/m);
    expect(metrics).not.toContain('INC-7');
    vigie.kill('SIGTERM');
    const { code, stderr, stdout } = await vigie.finished;
    expect(code).toBe(0);
    expect(stderr + stdout).not.toContain(TOKEN);
  }, 120_000);
});
