import { peerList } from '../../probes/lib/peer-list.ts';
import { createReflection } from '../../probes/lib/stamp-reflection.ts';
import { decodeStampReply, encodeStampReply } from '../../probes/wire/stamp.ts';
import { BOX_HOST, listenUdp, type Reply } from './listener.ts';
import type { BoxService } from './service.ts';

const REPLIES_PER_SECOND = 1_000;

/** A machine of ours in another subregion: a reflector (STAMP, RFC 8762). Broken, it answers what nobody sent. */
export const latency = {
  name: 'latency',
  summary: 'the network to another subregion, by a reflector there',
  port: 21_862,
  faults: ['down', 'silent', 'slow', 'wrong'],
  listen(port, conduct) {
    const { known: peers } = peerList([BOX_HOST]);
    const reflect = createReflection({
      clock: conduct.clock,
      peers,
      mode: 'stateless',
      perSecond: REPLIES_PER_SECOND,
    });
    return listenUdp(port, (datagram, reply) => {
      // The sockets of the box hear this machine alone.
      const reflection = reflect(datagram, { address: BOX_HOST, port });
      if (reflection.kind === 'ignored') return;
      conduct.answer(
        () => reply(reflection.reply),
        () => misanswer(reflection.reply, reply),
      );
    });
  },
} as const satisfies BoxService;

function misanswer(packet: Uint8Array, reply: Reply): void {
  const right = decodeStampReply(packet);
  if (!right) return;
  const sequence = (right.sender.sequence + 1) % 2 ** 32;
  reply(encodeStampReply({ ...right, sender: { ...right.sender, sequence } }));
}
