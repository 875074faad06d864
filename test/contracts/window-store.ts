import { afterEach, beforeEach, describe } from 'vitest';
import { durableContract } from './window-durable.ts';
import { judgedContract } from './window-judged.ts';
import { keptContract } from './window-kept.ts';
import { observedContract } from './window-observed.ts';
import { StoreSubject, type OpenedStore } from './window-subject.ts';

/** What every window store must do. `forgets` names one that keeps nothing past its end. */
export function windowStoreContract(
  name: string,
  open: () => Promise<OpenedStore>,
  deviations: { readonly forgets?: boolean } = {},
): void {
  describe(`WindowStore contract: ${name}`, () => {
    const subject = new StoreSubject(open);
    beforeEach(() => subject.open());
    afterEach(() => subject.dispose());
    observedContract(subject);
    judgedContract(subject);
    keptContract(subject);
    if (!deviations.forgets) durableContract(subject);
  });
}
