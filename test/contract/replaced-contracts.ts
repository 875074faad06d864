import { parse } from 'yaml';
import type { ContractHistory } from '../../src/contract/rule-history.ts';
import { contractSchema } from '../../src/contract/schema.ts';

/** The instant from which the second contract holds: the start of 1 July 2026 in Paris. */
export const REPLACED_AT = Date.parse('2026-06-30T22:00:00Z');

const FORMER = `
id: hosting
version: old
timezone: Europe/Paris
period: {}
readings: { client: {}, provider: {} }
rows:
  - { id: web, clause: old 4, title: Web, type: availability, target: '99', period: year }
  - { id: mail, clause: old 5, title: Mail, type: availability, target: '99', period: month }
  - { id: gti1, clause: old 10, title: Answer, type: support, severity: 1, clock: gti, limit: 30m }
  - { id: gtr1, clause: old 10, title: Recovery, type: support, severity: 1, clock: gtr, limit: 4h }
  - { id: gtr2, clause: old 10, title: Recovery, type: support, severity: 2, clock: gtr, limit: 8h, workingTime: true }
support:
  calendar:
    { zone: Europe/Paris, days: [mon, tue, wed, thu, fri], from: '08:00', to: '20:00', holidays: ['2026-05-01'] }
penalties: { tiers: [{ below: '99', credit: '5' }], claimWithin: 30d }
`;

const LATEST = `
id: hosting
version: new
effective: { from: '2026-07-01', replaces: old.yaml }
timezone: Europe/Paris
period: {}
readings: { provider: {}, client: {} }
rows:
  - { id: web, clause: new 4, title: Web, type: availability, target: '99.9', period: year }
  - { id: mail, clause: new 5, title: Mail, type: availability, target: '99', period: month }
  - { id: gti1, clause: new 10, title: Answer, type: support, severity: 1, clock: gti, limit: 15m }
  - { id: gtr1, clause: new 10, title: Recovery, type: support, severity: 1, clock: gtr, limit: 2h }
  - { id: gtr2, clause: new 10, title: Recovery, type: support, severity: 2, clock: gtr, limit: 8h, workingTime: true }
  - { id: gti3, clause: new 10, title: Answer, type: support, severity: 3, clock: gti, limit: 1h }
support:
  calendar: { zone: Europe/Paris, days: [mon, tue, wed, thu, fri], from: '09:00', to: '18:00', holidays: fr }
penalties: { tiers: [{ below: '99.9', credit: '10' }], claimWithin: 60d }
`;

/** Two contracts of one provider, the second from 1 July 2026 in Paris: other limits, hours, terms and first reading. */
export const TWO_CONTRACTS: ContractHistory = {
  contract: contractSchema.parse(parse(LATEST)),
  formerContracts: [contractSchema.parse(parse(FORMER))],
};
