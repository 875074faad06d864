import { BLOCK_BYTES } from './disk-messages.ts';

const WASM_PAGE_BYTES = 65_536;

/** What is needed of it here: its types come with those of the browser alone. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
};

/**
 * Zeroed blocks in memory that begins at a page, as O_DIRECT wants it (open(2)): a Buffer's own memory does not, that of
 * WebAssembly does.
 */
export function alignedBlocks(count: number): readonly Buffer[] {
  const initial = Math.ceil((count * BLOCK_BYTES) / WASM_PAGE_BYTES);
  const memory = Buffer.from(new WebAssembly.Memory({ initial }).buffer);
  return Array.from({ length: count }, (_, index) =>
    memory.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES),
  );
}

/** One run of zeroed bytes, a multiple of a block, aligned in the same way. */
export function alignedRun(bytes: number): Buffer {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / WASM_PAGE_BYTES) });
  return Buffer.from(memory.buffer, 0, bytes);
}
