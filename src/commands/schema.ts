import { probeKinds } from '../../probes/index.ts';
import { jsonSchemas } from '../config/json-schemas.ts';
import { EXIT, type ExitCode, type Io, jsonText } from './io.ts';

/** `vigie schema config|contract`: JSON Schema for editors. */
export function schema(which: 'config' | 'contract', io: Io): ExitCode {
  io.out(jsonText(jsonSchemas(probeKinds())[which]));
  return EXIT.fine;
}
