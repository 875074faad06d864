import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/** From the environment of the runtime to the last of its flags. */
const RUNTIME = /MALLOC_ARENA_MAX=1 (?:exec )?node((?: --\S+)+)/;

test('main runs with the same flags however it is started: npm start, npm run vigie, its own first line, or the image, which is compiled with them', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: { start: string; vigie: string };
  };
  const [firstLine = ''] = readFileSync(join(ROOT, 'src/main.ts'), 'utf8').split('\n');
  const flags = [scripts.start, scripts.vigie, firstLine].map((command) => RUNTIME.exec(command)?.[1]);
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  const [, compiling = ''] =
    /process\.execve\(process\.execPath, \[([^\]]*)'\/app\/src\/main\.ts'/.exec(dockerfile) ?? [];
  flags.push(Array.from(compiling.matchAll(/'(--[^']+)'/g), ([, flag]) => ` ${flag}`).join(''));
  const [, entry = '[]'] = /^ENTRYPOINT (.*)$/m.exec(dockerfile) ?? [];
  const [, ...words] = JSON.parse(entry) as readonly string[];
  flags.push(
    words
      .slice(0, -1)
      .map((flag) => ` ${flag}`)
      .join(''),
  );
  expect(flags[0]).toMatch(/--max-semi-space-size=\d/);
  expect(new Set(flags).size).toBe(1);
});

/** Source of a module that tells on standard error which files of the project are loaded after it. */
const TELLS_LOADED = `import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) process.stderr.write(url + '\\n');
    return next(url, context);
  },
});`;

/** The files of the project that a command line loads. */
function loadedBy(...args: readonly string[]): readonly string[] {
  const telling = `data:text/javascript,${encodeURIComponent(TELLS_LOADED)}`;
  const { stderr } = spawnSync(process.execPath, ['--import', telling, join(ROOT, 'src/main.ts'), ...args], {
    encoding: 'utf8',
  });
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('file:'))
    .map((url) => relative(ROOT, fileURLToPath(url)));
}

test('--help loads none of the commands, nor the probes and libraries behind them', () => {
  const loaded = loadedBy('--help');
  expect(loaded).toContain('src/cli.ts');
  const more = /^(probes|src\/app\.ts|src\/commands\/(run|check|ticket)\.ts|node_modules\/(?!commander))/;
  expect(loaded.filter((path) => more.test(path))).toEqual([]);
});

test('run loads neither other commands, nor the region in a box or a client of Redis that it was not asked for', () => {
  const loaded = loadedBy('run', '--config', '/nowhere.yaml');
  expect(loaded).toContain('src/app.ts');
  const more = /^(src\/box|src\/commands\/(drill|report|verify)\.ts|node_modules\/ioredis)/;
  expect(loaded.filter((path) => more.test(path))).toEqual([]);
});
