import { basename, relative } from 'node:path';

/** How this program was reached, such that what is put behind it can be typed as it stands. */
export function invocation(
  { npm_lifecycle_event: event, npm_command: command }: Readonly<Record<string, string | undefined>>,
  script: string | undefined,
): string {
  if (command === 'exec') return 'npx vigie';
  if (event === 'start' || event === 'vigie') return 'npm run --silent vigie --';
  // By its link in a folder of programs it is called vigie.
  if (script === undefined || basename(script) !== 'main.ts') return 'vigie';
  const path = relative('.', script);
  return `node ${path.startsWith('..') ? script : path}`;
}
