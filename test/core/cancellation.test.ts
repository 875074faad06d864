import { describe, expect, test } from 'vitest';
import { Cancellation } from '../../src/core/cancellation.ts';

describe('Cancellation', () => {
  test('calls its listeners in the turn of the abort, in the order added, once each, but those removed', () => {
    const cancellation = new Cancellation();
    const called: string[] = [];
    const removed = (): void => void called.push('removed');
    for (const name of ['a', 'b']) cancellation.addEventListener('abort', () => called.push(name));
    cancellation.addEventListener('abort', removed);
    cancellation.addEventListener('abort', () => called.push('c'));
    cancellation.removeEventListener('abort', removed);
    cancellation.removeEventListener('abort', removed);
    expect(cancellation.aborted).toBe(false);
    cancellation.abort();
    cancellation.abort();
    expect(cancellation.aborted).toBe(true);
    expect(called).toEqual(['a', 'b', 'c']);
  });

  test('a listener may remove others and itself while they are called', () => {
    const cancellation = new Cancellation();
    const called: string[] = [];
    const first = (): void => {
      called.push('first');
      cancellation.removeEventListener('abort', first);
    };
    cancellation.addEventListener('abort', first);
    cancellation.addEventListener('abort', () => called.push('second'));
    cancellation.abort();
    expect(called).toEqual(['first', 'second']);
  });

  test('a listener that an earlier one removed is not called; one that throws leaves no signal behind', () => {
    const cancellation = new Cancellation();
    const { signal } = cancellation;
    const called: string[] = [];
    const second = (): void => void called.push('second');
    cancellation.addEventListener('abort', () => cancellation.removeEventListener('abort', second));
    cancellation.addEventListener('abort', second);
    cancellation.addEventListener('abort', () => {
      throw new Error('a bug');
    });
    expect(() => cancellation.abort()).toThrow('a bug');
    expect(called).toEqual([]);
    expect(signal.aborted).toBe(true);
  });

  test.each(['before', 'after'])(
    'its signal, asked for %s the abort, is aborted for the same reason',
    (when) => {
      const cancellation = new Cancellation();
      const reason = new DOMException('late', 'TimeoutError');
      const early = when === 'before' ? cancellation.signal : undefined;
      expect(early?.aborted ?? false).toBe(false);
      cancellation.abort(reason);
      expect(cancellation.signal).toMatchObject({ aborted: true });
      expect(cancellation.signal.reason).toBe(reason);
      expect(early ?? cancellation.signal).toBe(cancellation.signal);
    },
  );
});
