import { answer } from './http.ts';
import type { HttpScript } from './http.ts';

/** What the service tells unless a test says otherwise, by path. */
export const TOLD: Readonly<Record<string, string>> = {
  'instance-id': 'i-0a1b2c3d',
  'placement/availability-zone': 'cloudgouv-eu-west-1a',
  'placement/server': 'in2-ucs1-pr-1',
  'placement/cluster': 'in2-1',
};

const ROOT = '/latest/meta-data/';

/**
 * A metadata service: text by path, 404 for the rest. With a token it answers 401 to whoever does not bring it, and
 * gives it to whoever asks with PUT and a lifetime (version 2 of the EC2 service).
 */
export function metadataScript(told: Readonly<Record<string, string>> = TOLD, token?: string): HttpScript {
  return (socket, request) => answerTo(request, told, token)(socket, request);
}

function answerTo(request: string, told: Readonly<Record<string, string>>, token?: string): HttpScript {
  const [method = '', path = ''] = request.split(' ');
  if (method === 'PUT') {
    const lives = /^x-aws-ec2-metadata-token-ttl-seconds: \d+\r$/im.test(request);
    return token !== undefined && path === '/latest/api/token' && lives ? answer(200, token) : answer(404);
  }
  const brought = /^x-aws-ec2-metadata-token: (.*)\r$/im.exec(request)?.[1];
  if (brought !== token) return answer(401, 'Unauthorized');
  const text = path.startsWith(ROOT) ? told[path.slice(ROOT.length)] : undefined;
  return text === undefined ? answer(404, 'not found') : answer(200, text);
}
