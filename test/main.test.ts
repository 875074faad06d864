import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
