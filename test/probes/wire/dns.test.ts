import { encode } from 'dns-packet';
import type { Answer } from 'dns-packet';
import { array, assert, integer, property, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeReply, replyDecoder } from '../../../probes/wire/dns-reply.ts';
import type { DnsQuestion } from '../../../probes/wire/dns.ts';
import { encodeQuery, framed, isTruncated, matchReply, unframed, withId } from '../../../probes/wire/dns.ts';

const QUESTION: DnsQuestion = { name: 'www.sla.test', type: 'A', recursion: true, edns: 1_232 };
const QUERY = withId(encodeQuery(QUESTION), 0x1234);

function a(name: string, data: string, ttl = 60): Answer {
  return { type: 'A', name, ttl, data };
}

function alias(name: string, data: string): Answer {
  return { type: 'CNAME', name, ttl: 60, data };
}

function replyWith(...answers: readonly Answer[]): Buffer {
  const questions = [{ name: QUESTION.name, type: QUESTION.type }];
  return encode({ type: 'response', id: 0x1234, questions, answers: [...answers] });
}

function answersOf(...answers: readonly Answer[]): readonly string[] | undefined {
  return decodeReply(QUESTION, replyWith(...answers))?.answers;
}

describe('decodeReply: which records are answers', () => {
  test('records of another name or class do not count', () => {
    const chaos: Answer = { ...a('www.sla.test', '192.0.2.3'), class: 'CH' } as Answer;
    expect(answersOf(a('other.test', '192.0.2.1'), a('WWW.sla.test', '192.0.2.2'), chaos)).toEqual([
      '192.0.2.2',
    ]);
  });

  test('aliases are followed in whatever order they come', () => {
    const records = [a('c.test', '192.0.2.1'), alias('b.test', 'C.test'), alias('www.sla.test', 'b.TEST')];
    expect(answersOf(...records)).toEqual(['192.0.2.1']);
  });

  test('aliases in a circle lead nowhere', () => {
    expect(answersOf(alias('www.sla.test', 'b.test'), alias('b.test', 'www.sla.test'))).toEqual([]);
  });

  test('ttl is the smallest of the answers, not of the aliases before them', () => {
    const short: Answer = { type: 'CNAME', name: 'www.sla.test', ttl: 1, data: 'b.test' };
    const reply = decodeReply(
      QUESTION,
      replyWith(short, a('b.test', '192.0.2.1', 9), a('b.test', '192.0.2.2', 5)),
    );
    expect(reply?.ttl).toBe(5);
  });
});

describe('replyDecoder', () => {
  test('says of every message what decodeReply says, whatever came before it', () => {
    const messages = [
      replyWith(a('www.sla.test', '192.0.2.1')),
      replyWith(a('www.sla.test', '192.0.2.2')),
      replyWith(a('www.sla.test', '192.0.2.1', 59)),
      replyWith(a('www.sla.test', '192.0.2.1'), a('www.sla.test', '192.0.2.2')),
      replyWith(a('www.sla.test', '192.0.2.1')).subarray(0, -1),
      replyWith(),
    ];
    const order = array(integer({ min: 0, max: messages.length - 1 }), { minLength: 1, maxLength: 20 });
    assert(
      property(order, integer({ min: 0, max: 0xffff }), (indexes, id) => {
        const decode = replyDecoder(QUESTION);
        for (const [step, index] of indexes.entries()) {
          const message = withId(messages[index] ?? Buffer.alloc(0), (id + step) & 0xffff);
          expect(decode(message)).toEqual(decodeReply(QUESTION, message));
        }
      }),
    );
  });

  test('a reply that differs in its id alone is not decoded anew', () => {
    const decode = replyDecoder(QUESTION);
    const first = decode(withId(replyWith(a('www.sla.test', '192.0.2.1')), 1));
    expect(decode(withId(replyWith(a('www.sla.test', '192.0.2.1')), 2))).toBe(first);
  });
});

describe('wire/dns: any bytes', () => {
  const READ = (message: Buffer): void => {
    if (matchReply(QUERY, message) !== 'reply') return;
    isTruncated(message);
    decodeReply(QUESTION, message);
  };

  test('noise is never a reply unless it has the id', () => {
    assert(
      property(uint8Array({ maxLength: 200 }), (bytes) => {
        const message = Buffer.from(bytes);
        READ(message);
        const hasId = message.length >= 2 && message.readUInt16BE(0) === 0x1234;
        return hasId || matchReply(QUERY, message) === 'stray';
      }),
    );
  });

  test('a reply with any bytes changed or cut off is decoded or not, and never throws', () => {
    const whole = replyWith(alias('www.sla.test', 'b.test'), a('b.test', '192.0.2.1'));
    const change = array(integer({ min: 2, max: whole.length - 1 }), { minLength: 1, maxLength: 6 });
    assert(
      property(
        change,
        integer({ min: 0, max: 255 }),
        integer({ min: 0, max: whole.length }),
        (at, byte, length) => {
          const message = Buffer.from(whole);
          for (const index of at) message[index] = byte;
          READ(message.subarray(0, length));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('every cut of a reply is a stray, malformed, or not to be decoded; the whole is', () => {
    const whole = replyWith(a('www.sla.test', '192.0.2.1'));
    for (let length = 0; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      expect(matchReply(QUERY, cut) === 'reply' && decodeReply(QUESTION, cut) !== undefined).toBe(false);
    }
    expect(matchReply(QUERY, whole)).toBe('reply');
    expect(decodeReply(QUESTION, whole)?.answers).toEqual(['192.0.2.1']);
  });
});

test('unframed gives back what was framed, however the last frame is cut', () => {
  assert(
    property(
      array(uint8Array({ maxLength: 40 }), { maxLength: 5 }),
      integer({ min: 0, max: 9 }),
      (parts, cut) => {
        const messages = parts.map((part) => Buffer.from(part));
        const stream = Buffer.concat(messages.map(framed));
        const whole = unframed(Buffer.concat([stream, framed(Buffer.alloc(8)).subarray(0, cut)]));
        expect(whole).toEqual(messages);
      },
    ),
  );
});
