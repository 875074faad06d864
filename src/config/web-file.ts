import { dirname } from 'node:path';
import type { LoadEnvironment, Problem } from './config.ts';
import { parseSource, type SourceDocument } from './document.ts';
import { inOrder, locate } from './problem.ts';
import type { SecretStore } from './secret-findings.ts';
import { shapeOf } from './shape.ts';
import { readSource, unreadableProblem } from './source-text.ts';
import { type WebCheck, webOf, webSchema, type WebSettings } from './web.ts';

/** What the web configuration came to, wherever it stands. */
export interface FollowedWeb {
  readonly settings: WebSettings | undefined;
  /** What is wrong in the section of the configuration. */
  readonly findings: WebCheck['findings'];
  /** What is wrong in a file of its own. */
  readonly problems: readonly Problem[];
  readonly files: readonly string[];
}

/** The web configuration of a file of its own where one is named, else of the section `web`. */
export function followWeb(
  document: SourceDocument,
  environment: LoadEnvironment,
  store: SecretStore,
): FollowedWeb {
  const { webConfigFile: path } = environment;
  if (path !== undefined) return webOfFile(path, environment, store);
  const section = webSchema.safeParse(sectionOf(document.data));
  // A section that is not as it should be was told of with the rest of the file.
  const { settings, findings }: WebCheck = section.success
    ? webOf(section.data, ['web'], store)
    : { findings: [] };
  return { settings, findings, problems: [], files: [] };
}

function sectionOf(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'web' in data ? data.web : {};
}

function webOfFile(path: string, { readFile }: LoadEnvironment, store: SecretStore): FollowedWeb {
  const nothing = { settings: undefined, findings: [], files: [path] };
  const source = readSource(path, readFile);
  if ('unreadable' in source) return { ...nothing, problems: [unreadableProblem(path, source.unreadable)] };
  if ('problem' in source) return { ...nothing, problems: [source.problem] };
  const { document, problems } = parseSource(path, source.text);
  if (!document) return { ...nothing, problems };
  const { value, findings: ofShape } = shapeOf(webSchema, document.data, document);
  const { settings, findings }: WebCheck = value
    ? webOf(value, [], { ...store, folder: dirname(path) })
    : { findings: [] };
  const all = inOrder([...problems, ...locate([...ofShape, ...findings], document)]);
  return { ...nothing, settings, problems: all };
}
