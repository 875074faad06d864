import type { ServerResponse } from 'node:http';
import type { Body, Refusal } from './refusal.ts';

/** A way for the double to do wrong. */
export type ApiFault =
  /** 503 without a body, as of a front door whose service is gone. */
  | { readonly kind: 'bare-503' }
  /** 503 with a page of HTML. */
  | { readonly kind: 'html-503' }
  /** 200 with a page of HTML, as of a captive portal. */
  | { readonly kind: 'html-200' }
  /** An error of the service's, in its own shape or as a problem of RFC 9457. */
  | { readonly kind: 'refuse'; readonly refusal: Refusal; readonly as?: 'own' | 'problem' }
  /** The right answer with this body in its place. */
  | { readonly kind: 'lie'; readonly body: string }
  /** The right answer, cut in half by the end of the connection. */
  | { readonly kind: 'truncated' }
  /** The right answer, a byte every so many milliseconds. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** The right answer, late. */
  | { readonly kind: 'slow'; readonly afterMs: number }
  /** Nothing. */
  | { readonly kind: 'silent' }
  /** The connection reset. */
  | { readonly kind: 'reset' };

const PAGE = '<html><head><title>Service</title></head><body><h1>Service Unavailable</h1></body></html>\n';

/** Sends a whole answer. */
export function send(response: ServerResponse, { status, type, text }: Body): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Sends what a fault makes of the right answer. `refuse` is none of it: the service itself answers so. */
export function sendWrong(
  response: ServerResponse,
  right: Body,
  fault: Exclude<ApiFault, { kind: 'refuse' }>,
): void {
  switch (fault.kind) {
    case 'bare-503':
      send(response, { status: 503, type: 'text/plain', text: '' });
      break;
    case 'html-503':
      send(response, { status: 503, type: 'text/html', text: PAGE });
      break;
    case 'html-200':
      send(response, { status: 200, type: 'text/html', text: PAGE });
      break;
    case 'lie':
      send(response, { ...right, text: fault.body });
      break;
    case 'truncated':
      response.writeHead(right.status, { 'content-type': right.type, 'content-length': right.text.length });
      response.write(right.text.slice(0, right.text.length / 2), () => response.socket?.destroy());
      break;
    case 'drip':
      drip(response, right, fault.everyMs);
      break;
    case 'slow':
      setTimeout(() => send(response, right), fault.afterMs);
      break;
    case 'silent':
      break;
    case 'reset':
      response.socket?.resetAndDestroy();
      break;
  }
}

function drip(response: ServerResponse, { status, type, text }: Body, everyMs: number): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  let sent = 0;
  const timer = setInterval(() => {
    if (response.destroyed || sent >= text.length) {
      clearInterval(timer);
      response.end();
    } else response.write(text.charAt(sent++));
  }, everyMs);
}
