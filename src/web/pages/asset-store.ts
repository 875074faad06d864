import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';

/** A file that a page needs. */
export interface Asset {
  readonly contentType: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  /** Compressed by gzip; made when it is first asked for. */
  readonly compressed: () => Uint8Array<ArrayBuffer>;
}

/** The files that pages need, under addresses that change with their content. */
export interface AssetStore {
  /** Stands for the content of all of them; part of the address of each. */
  readonly version: string;
  get(name: string): Asset | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

const OWN = [
  'vigie.css',
  'theme.js',
  'live.js',
  'morph.js',
  'theme-button.js',
  'countdown.js',
  'charts.js',
  'chart-look.js',
  'burn-down-chart.js',
  'latency-chart.js',
  'icon.svg',
];
/** By the name that they are asked for under: files of packages, taken as they are. */
const OF_PACKAGES: Readonly<Record<string, string>> = {
  'uplot.js': 'uplot/dist/uPlot.iife.min.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
};

/** Reads all files. Throws when one is missing: the installation is broken. */
export function readAssets(): AssetStore {
  const { resolve } = createRequire(import.meta.url);
  const files = [
    ...OWN.map((name) => [name, new URL(`../ui/${name}`, import.meta.url)] as const),
    ...Object.entries(OF_PACKAGES).map(([name, path]) => [name, resolve(path)] as const),
  ];
  const digest = createHash('sha256');
  const assets = new Map<string, Asset>();
  for (const [name, path] of files) {
    const plain = readFileSync(path);
    digest.update(name).update(plain);
    assets.set(name, assetOf(name, plain));
  }
  return { version: digest.digest('base64url').slice(0, 16), get: (name) => assets.get(name) };
}

function assetOf(name: string, plain: Uint8Array<ArrayBuffer>): Asset {
  let compressed: Uint8Array<ArrayBuffer> | undefined;
  const contentType = TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
  return { contentType, plain, compressed: () => (compressed ??= gzipSync(plain, { level: 9 })) };
}
