import { Agent, get, type IncomingMessage } from 'node:http';
import { answer } from './helper-process.ts';

/** What is asked of a process that follows events live, as so many open pages would. */
export type FollowersTalk = {
  /** Begins; answers when all are connected. */
  readonly follow: {
    readonly ask: { readonly url: string; readonly clients: number };
    readonly answer: number;
  };
  /** How many messages were heard by all since the last time it was asked for. */
  readonly heard: { readonly ask: null; readonly answer: number };
  readonly leave: { readonly ask: null; readonly answer: null };
};

let messages = 0;
let agent = new Agent();

async function followOne(url: string): Promise<void> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent, headers: { accept: 'text/event-stream' } }, resolve).once('error', reject);
  });
  if (response.statusCode !== 200) throw new Error(`the events answer ${response.statusCode}`);
  response.on('data', (chunk: Buffer) => {
    messages += chunk.toString('latin1').split('\n\n').length - 1;
  });
  response.on('error', () => undefined);
}

answer<FollowersTalk>({
  async follow({ url, clients }) {
    await Promise.all(Array.from({ length: clients }, () => followOne(url)));
    return clients;
  },
  heard() {
    const heard = messages;
    messages = 0;
    return heard;
  },
  leave() {
    agent.destroy();
    agent = new Agent();
    return null;
  },
});
