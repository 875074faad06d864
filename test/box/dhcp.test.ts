import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dhcpProbe } from '../../probes/dhcp.ts';
import { decodeDhcp, encodeDhcp, NO_ADDRESS } from '../../probes/wire/dhcp.ts';
import { DHCP_OPTION, messageTypeOf, messageTypeOption } from '../../probes/wire/dhcp-options.ts';
import type { DhcpMessageType } from '../../probes/wire/dhcp-options.ts';
import type { Box } from '../../src/box/box.ts';
import { systemClock, systemRandom } from '../../src/clock.ts';
import type { Reading } from '../../src/core/reading.ts';
import { portOf, startedBox } from './started-box.ts';

describe('dhcp', () => {
  const kind = dhcpProbe();
  let box: Box;

  beforeAll(async () => {
    ({ box } = await startedBox());
  });

  afterAll(async () => {
    await kind.close();
    await box.stop();
  });

  function ask(settings: object): Promise<Reading> {
    const port = portOf(box, 'dhcp');
    const parsed = kind.settings.parse({ server: '127.0.0.1', port, localPort: 0, ...settings });
    const signal = AbortSignal.timeout(2_000);
    return kind.configure(parsed).run({ signal, clock: systemClock, random: systemRandom });
  }

  const OPTIONS = {
    serverId: '10.0.0.1',
    dns: ['10.0.0.2'],
    domain: 'cloudgouv-eu-west-1.compute.internal',
    ntp: ['10.0.0.123'],
  };
  const LEASE = { offeredAddress: '10.0.0.4', leaseSeconds: 3_600 };

  test.each([
    ['relay', {}, { messageType: 'OFFER', ...OPTIONS, ...LEASE }],
    ['relay with lease', { lease: true }, { messageType: 'ACK', ...OPTIONS, ...LEASE }],
    ['inform: options, and no address', { mode: 'inform' }, { messageType: 'ACK', ...OPTIONS }],
  ])('%s', async (_what, settings, values) => {
    const reading = await ask(settings);
    expect(reading.kind === 'answer' && reading.values).toEqual(values);
  });

  test('wrong: NAK, with nothing that could be used', async () => {
    await box.setFault('dhcp', 'wrong');
    const reading = await ask({});
    await box.setFault('dhcp', undefined);
    expect(reading.kind === 'answer' && reading.values).toEqual({ messageType: 'NAK', serverId: '10.0.0.1' });
  });

  function message(op: 'request' | 'reply', xid: number, type: DhcpMessageType): Buffer {
    return encodeDhcp({
      op,
      hops: 0,
      xid,
      broadcast: false,
      clientAddress: NO_ADDRESS,
      yourAddress: NO_ADDRESS,
      relayAddress: NO_ADDRESS,
      hardwareAddress: '02:00:5e:10:00:01',
      options: new Map([[DHCP_OPTION.messageType, messageTypeOption(type)]]),
    });
  }

  test('RELEASE, replies and scraps are not answered', async () => {
    const socket = createSocket('udp4');
    const sent = [
      message('request', 1, 'RELEASE'),
      message('reply', 2, 'DISCOVER'),
      Buffer.from('scrap'),
      message('request', 4, 'OFFER'),
      message('request', 5, 'DISCOVER'),
    ];
    for (const datagram of sent) socket.send(datagram, portOf(box, 'dhcp'), '127.0.0.1');
    const [first]: unknown[] = await once(socket, 'message');
    socket.close();
    const reply = Buffer.isBuffer(first) ? decodeDhcp(first) : undefined;
    expect(reply).toMatchObject({ op: 'reply', xid: 5 });
    expect(messageTypeOf(reply?.options.get(DHCP_OPTION.messageType))).toBe('OFFER');
  });
});
