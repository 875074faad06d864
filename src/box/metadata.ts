import type { HttpAnswer, HttpCall } from './http-front.ts';
import { httpFront, methodNotAllowed } from './http-front.ts';
import { BOX_VM } from './region.ts';
import type { BoxService } from './service.ts';

const ROOT = '/latest/meta-data/';

const LEAVES: Readonly<Record<string, string>> = {
  'instance-id': BOX_VM.id,
  'local-ipv4': BOX_VM.address,
  'placement/availability-zone': BOX_VM.subregion,
  'placement/cluster': BOX_VM.cluster,
  'placement/server': BOX_VM.server,
};

/** The metadata service as a machine inside the region sees it: EC2-like paths, plain text. */
export const metadata = {
  name: 'metadata',
  summary: 'metadata service of a machine',
  port: 21_169,
  faults: ['down', 'silent', 'slow', 'wrong'],
  listen: httpFront(answerTo),
} as const satisfies BoxService;

function answerTo({ method, path }: HttpCall): HttpAnswer {
  if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed('GET, HEAD');
  const name = path.startsWith(ROOT) ? path.slice(ROOT.length) : undefined;
  const body = name === undefined ? undefined : (leaf(name) ?? listing(name));
  return body === undefined
    ? { status: 404, type: 'text/plain', body: 'not found\n' }
    : { status: 200, type: 'text/plain', body };
}

function leaf(name: string): string | undefined {
  return Object.hasOwn(LEAVES, name) ? LEAVES[name] : undefined;
}

/** The members of a folder, each once, folders with a slash at the end. */
function listing(folder: string): string | undefined {
  if (folder !== '' && !folder.endsWith('/')) return undefined;
  const members = Object.keys(LEAVES)
    .filter((name) => name.startsWith(folder))
    .map((name) => /^[^/]*\/?/.exec(name.slice(folder.length))?.[0] ?? '');
  return members.length === 0 ? undefined : [...new Set(members)].join('\n');
}
