import { SECRET_MARKER } from '../contracts/probing.ts';
import { type FaultyRegion, startFaultyRegion } from '../lab/faulty-region.ts';
import { startNtpServer } from '../servers/ntp.ts';
import { reflected, startScriptedReflector } from '../servers/reflector.ts';
import { answer } from './helper-process.ts';

/** What is asked of a process that is a region: the scriptable servers of the tests, all right, on loopback. */
export type ServiceTargetTalk = {
  /** With so many NTP servers, for two requests of one server are the same. */
  readonly start: { readonly ask: number; readonly answer: ServiceTargets };
};

/** Where its services are. */
export interface ServiceTargets {
  readonly ports: FaultyRegion['ports'];
  readonly ntp: readonly number[];
  /** Of a STAMP reflector. */
  readonly reflector: number;
  /** The secret key of the access key `AKLAB` in bucket `lab`. */
  readonly secretKey: string;
}

answer<ServiceTargetTalk>({
  async start(ntpServers) {
    const { ports } = await startFaultyRegion('127.0.0.1', '127.0.0.2');
    const { port: reflector } = await startScriptedReflector(reflected);
    const servers = await Promise.all(Array.from({ length: ntpServers }, () => startNtpServer()));
    const ntp = servers.map(({ port }) => port);
    return { ports, ntp, reflector, secretKey: SECRET_MARKER };
  },
});
