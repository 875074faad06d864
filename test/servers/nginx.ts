import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Credentials } from './certificate.ts';
import { accepts, freePort, startProgram } from './started-program.ts';

/** An nginx of one's own on loopback, with one server for HTTP and HTTPS. */
export interface Nginx {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

const ADDRESS = '127.0.0.1';

/** Starts nginx with the locations given, as nginx writes them; `files` are what its root holds, by name. */
export async function startNginx(
  locations: string,
  files: Readonly<Record<string, string>>,
  credentials: Credentials,
): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'));
  const [httpPort, httpsPort] = [await freePort(), await freePort()];
  writeFileSync(join(folder, 'key.pem'), credentials.key);
  writeFileSync(join(folder, 'cert.pem'), credentials.cert);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, locations, httpPort, httpsPort));
  const args = ['-p', folder, '-e', 'stderr', '-c', 'nginx.conf'];
  const program = await startProgram('nginx', args, () => accepts(httpsPort));
  const stop = async (): Promise<void> => {
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { httpPort, httpsPort, stop };
}

function configuration(folder: string, locations: string, httpPort: number, httpsPort: number): string {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  return `
daemon off; master_process off; pid ${folder}/pid; ${user}
events { }
http {
  access_log off; ${temporary}
  server {
    listen ${ADDRESS}:${httpPort}; listen ${ADDRESS}:${httpsPort} ssl http2;
    ssl_protocols TLSv1.2; ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
    root ${folder};
    ${locations}
  }
}
`;
}
