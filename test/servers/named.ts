import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Credentials } from './certificate.ts';
import { accepts, freePort, startProgram } from './started-program.ts';

/** A bind9 of one's own on loopback, authoritative for one zone. */
export interface Named {
  readonly address: string;
  /** UDP and TCP. */
  readonly port: number;
  readonly tlsPort: number;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

const ADDRESS = '127.0.0.1';

/** Starts bind9 with a zone file's text. Without recursion: it answers for the zone and refuses the rest. */
export async function startNamed(zone: string, zoneFile: string, credentials: Credentials): Promise<Named> {
  const folder = mkdtempSync(join(tmpdir(), 'named-'));
  const [port, tlsPort] = [await freePort(), await freePort()];
  writeFileSync(join(folder, 'zone'), zoneFile);
  writeFileSync(join(folder, 'key.pem'), credentials.key);
  writeFileSync(join(folder, 'cert.pem'), credentials.cert);
  writeFileSync(join(folder, 'named.conf'), configuration(folder, zone, port, tlsPort));
  mkdirSync(join(folder, 'work'));
  chmodSync(folder, 0o755);
  const arePortsOpen = async (): Promise<boolean> => (await accepts(port)) && accepts(tlsPort);
  const program = await startProgram(
    'named',
    ['-g', '-c', join(folder, 'named.conf'), '-n', '1'],
    (log) => log.includes('all zones loaded') && arePortsOpen(),
  );
  const stop = async (): Promise<void> => {
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { address: ADDRESS, port, tlsPort, stop };
}

function configuration(folder: string, zone: string, port: number, tlsPort: number): string {
  return `
tls pair { cert-file "${folder}/cert.pem"; key-file "${folder}/key.pem"; };
options {
  directory "${folder}/work"; pid-file none; session-keyfile "${folder}/session.key"; lock-file none;
  listen-on port ${port} { ${ADDRESS}; }; listen-on port ${tlsPort} tls pair { ${ADDRESS}; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; allow-query { any; }; max-udp-size 4096;
};
controls { };
zone "${zone}" { type primary; file "${folder}/zone"; };
`;
}
