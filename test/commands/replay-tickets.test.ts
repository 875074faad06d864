import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runVigie } from './spawn-vigie.ts';

const CONFIG = `
contract: outscale-secnumcloud
region: cloudgouv-eu-west-1
deployment: { subregions: [cloudgouv-eu-west-1a, cloudgouv-eu-west-1b, cloudgouv-eu-west-1c] }
vantages: [outside]
checks:
  - { id: api, probe: tcp, row: sla4.api, interval: 10s, timeout: 3s, with: { host: 127.0.0.1, port: 1 } }
`;

const AT = '2026-05-04T09:00:00.000Z';
const OPENED = `{"ticket":"INC-1","event":"opened","at":"2026-04-30T15:00:00+02:00","severity":3,"complete":true,"title":"slow"}`;
const ANSWERED = `{"ticket":"INC-1","event":"responded","at":"2026-04-30T15:30:00+02:00"}`;

describe('vigie replay --tickets (SLA10)', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vigie-tickets-'));
    writeFileSync(join(folder, 'vigie.yaml'), CONFIG);
    writeFileSync(
      join(folder, 'seen.jsonl'),
      '{"check":"api","vantage":"outside","from":"2026-05-01T00:00:00Z","to":"2026-05-04T09:00:00Z","outcome":"good"}\n',
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const replay = (lines: readonly string[], ...more: readonly string[]) => {
    writeFileSync(join(folder, 'tickets.jsonl'), lines.join('\n'));
    return runVigie(['replay', '--tickets', 'tickets.jsonl', '--at', AT, ...more], { cwd: folder });
  };

  it('adds the tickets to the verdicts, in the shape that others rely on, without observations', async () => {
    const { code, stdout, stderr } = await replay([ANSWERED, OPENED, ''], '--output', 'json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { at, verdicts, tickets } = JSON.parse(stdout);
    expect(at).toBe(AT);
    expect(verdicts.length).toBeGreaterThan(0);
    expect(tickets).toEqual([
      {
        ticket: 'INC-1',
        title: 'slow',
        severity: 3,
        opened: '2026-04-30T13:00:00.000Z',
        complete: '2026-04-30T13:00:00.000Z',
        answered: '2026-04-30T13:30:00.000Z',
        resolved: null,
        gti: {
          row: 'sla10.gti3',
          limitMs: 3_600_000,
          elapsedMs: 1_800_000,
          deadline: '2026-04-30T14:00:00.000Z',
          state: 'met',
        },
        gtr: {
          row: 'sla10.gtr3',
          limitMs: 172_800_000,
          elapsedMs: 72_000_000,
          deadline: '2026-05-06T13:00:00.000Z',
          state: 'running',
        },
      },
    ]);
  });

  it('exits with 1 when a clock is breached', async () => {
    const { code } = await replay([OPENED], '--output', 'json');
    expect(code).toBe(1);
  });

  it('takes observations beside tickets, and says nothing of tickets where none are given', async () => {
    const seen = ['--observations', 'seen.jsonl', '--output', 'json'];
    const both = await replay([OPENED, ANSWERED], ...seen);
    const one = await runVigie(['replay', ...seen, '--at', AT], { cwd: folder });
    const { tickets, ...rest } = JSON.parse(both.stdout);
    expect(tickets).toHaveLength(1);
    expect(JSON.parse(one.stdout)).toEqual(rest);
  });

  it('prints a table for people', async () => {
    const { stdout } = await replay([OPENED, ANSWERED]);
    const [heading, line] = stdout.trimEnd().split('\n').slice(-2);
    expect(heading).toMatch(/^TICKET +SEVERITY +GTI +USED +GTI DUE +GTR +USED +GTR DUE$/);
    expect(line).toMatch(/^INC-1 +3 +✓ met +30m\/1h +2026-04-30T14:00:00.000Z +· running +20h\/2d /);
  });

  it('names file, line, ticket and event of what cannot have happened, and prints nothing else', async () => {
    const resolved = ANSWERED.replace('responded', 'resolved').replace('04-30', '04-29');
    const { code, stdout, stderr } = await replay([OPENED, '', resolved]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      'tickets.jsonl:3: ticket "INC-1": "resolved" at 2026-04-29T13:30:00.000Z, before the ticket was opened\n',
    );
  });

  it('names file, line and field of a severity that does not exist', async () => {
    const { code, stdout, stderr } = await replay([OPENED.replace('"severity":3', '"severity":4')]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      'tickets.jsonl:1: "severity" is 4, expected a severity of the contract\'s support rows: 1, 2, 3\n',
    );
  });

  it('judges by the calendar of the contract file, and says when its list of holidays has none of a year', async () => {
    const contract = readFileSync('config/contracts/outscale-secnumcloud.yaml', 'utf8');
    writeFileSync(join(folder, 'french.yaml'), CONFIG.replace('outscale-secnumcloud', 'contract.yaml'));
    const due = async (holidays: string) => {
      writeFileSync(
        join(folder, 'contract.yaml'),
        contract.replace('holidays: none', `holidays: ${holidays}`),
      );
      const told = await replay([OPENED, ANSWERED], '--config', 'french.yaml', '--output', 'json');
      return { deadline: JSON.parse(told.stdout).tickets[0].gtr.deadline, stderr: told.stderr };
    };
    // Friday 1 May is a holiday, and 8 May is after the deadline.
    expect(await due('fr')).toEqual({ deadline: '2026-05-07T13:00:00.000Z', stderr: '' });
    expect(await due('["2026-05-01"]')).toEqual({ deadline: '2026-05-07T13:00:00.000Z', stderr: '' });
    expect(await due('["2025-05-01"]')).toEqual({
      deadline: '2026-05-06T13:00:00.000Z',
      stderr:
        'vigie: warning: support.calendar.holidays lists dates of 2025 and none of 2026: its holidays count as working days\n',
    });
    const checked = await runVigie(['check', 'french.yaml'], { cwd: folder });
    expect(checked.stdout).toMatch(
      /^contract\.yaml:\d+:\d+: warning: support\.calendar\.holidays lists dates of 2025 and none of \d{4}/m,
    );
  });

  it.each([
    [['--tickets', 'nowhere.jsonl', '--at', AT], 'nowhere.jsonl cannot be read: ENOENT'],
    [['--at', AT], 'nothing to replay, expected --observations, --tickets or both'],
    [['--tickets', '-', '--observations', '-', '--at', AT], 'both -, expected one of them to be a file'],
  ])('%j is wrong usage and says what was expected', async (args, message) => {
    const { code, stdout, stderr } = await runVigie(['replay', ...args], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
