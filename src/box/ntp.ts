import { decodePacket, encodePacket, NTP_MODE, type NtpPacket, timestampOf } from '../../probes/wire/ntp.ts';
import type { Clock } from '../core/clock.ts';
import { listenUdp } from './listener.ts';
import type { BoxService } from './service.ts';

/** An NTP server of stratum 2 (RFC 5905) that tells our own time. Broken, it says that it is not synchronised. */
export const ntp = {
  name: 'ntp',
  summary: 'NTP server',
  port: 21_123,
  faults: ['down', 'silent', 'slow', 'wrong'],
  listen: (port, conduct) =>
    listenUdp(port, (datagram, reply) => {
      const request = decodePacket(datagram);
      if (request?.mode !== NTP_MODE.client) return;
      const receive = timestampOf(conduct.clock.wallMs());
      conduct.answer(
        () => reply(encodePacket(answerOf(request, receive, conduct.clock))),
        () => reply(encodePacket({ ...answerOf(request, receive, conduct.clock), ...UNSYNCHRONISED })),
      );
    }),
} as const satisfies BoxService;

const LOCAL_CLOCK = 0x7f_7f_01_00;
const SINCE_UPDATE_MS = 16_000;

/** The reply's turnaround is in its timestamps, so a late one is late without being wrong. */
function answerOf(request: NtpPacket, receive: bigint, clock: Clock): NtpPacket {
  const nowMs = clock.wallMs();
  return {
    leap: 0,
    version: request.version,
    mode: NTP_MODE.server,
    stratum: 2,
    poll: request.poll,
    precision: -10,
    rootDelayMs: 1,
    rootDispersionMs: 2,
    referenceId: LOCAL_CLOCK,
    reference: timestampOf(nowMs - SINCE_UPDATE_MS),
    origin: request.transmit,
    receive,
    transmit: timestampOf(nowMs),
  };
}

/** Leap indicator 3, and stratum 16 as the wire has it. */
const UNSYNCHRONISED = { leap: 3, stratum: 0, referenceId: 0x49_4e_49_54, reference: 0n } as const;
