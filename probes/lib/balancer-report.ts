import type { ProbeContext } from '../../src/core/probe.ts';
import type { BackendState } from './front-verdict.ts';
import { isObject } from './outscale-answer.ts';
import type { OutscaleClient } from './outscale-client.ts';
import { readingOfAnswer } from './outscale-reading.ts';
import type { OutscaleResult } from './outscale-result.ts';

/** What the provider's API says of one load balancer. What it does not say is absent, with the reason as `trouble`. */
export interface BalancerReport {
  /** `active`, `reloading`, `reconfiguring` …; `absent` when the account has none of that name. */
  readonly state?: string;
  /** Of every backend VM: its id, what is known of it, and the provider's word for it. */
  readonly backends: readonly ReportedBackend[];
  readonly trouble?: string;
}

/** One backend VM as the balancer sees it. */
export interface ReportedBackend {
  readonly vmId: string;
  readonly state: BackendState;
  /** State and reason in the provider's words: `OutOfService, ELB`. */
  readonly told: string;
}

/** Where a balancer is asked after. */
export interface BalancerDesk {
  /** Equal for questions that are identical on the wire. */
  readonly identity: string;
  /** Never rejects for what the other side does; ends at once when the signal is aborted. */
  ask(context: ProbeContext): Promise<BalancerReport>;
}

/** Asks for the state of a balancer and the health of its backends (ReadLoadBalancers, ReadVmsHealth). */
export function createBalancerDesk(client: OutscaleClient, name: string): BalancerDesk {
  const state = client.prepare({
    action: 'ReadLoadBalancers',
    parameters: { Filters: { LoadBalancerNames: [name] } },
  });
  const healthCall = client.prepare({ action: 'ReadVmsHealth', parameters: { LoadBalancerName: name } });
  const ask = async (context: ProbeContext): Promise<BalancerReport> => {
    // One after the other: an account may make only so many calls at once.
    const balancers = listed(await state.share(context), 'LoadBalancers');
    const health = listed(await healthCall.share(context), 'BackendVmHealth');
    const found = balancers.members && stateOf(balancers.members, name);
    const trouble = balancers.trouble ?? health.trouble;
    return {
      ...(found === undefined ? {} : { state: found }),
      backends: (health.members ?? []).map(reportedBackend),
      ...(trouble === undefined ? {} : { trouble }),
    };
  };
  return { identity: state.identity, ask };
}

type Member = Readonly<Record<string, unknown>>;

/** The members of a list in an answer, or why there are none. */
function listed(
  result: OutscaleResult,
  list: string,
): { readonly members?: readonly Member[]; readonly trouble?: string } {
  const { detail } = result.kind === 'unanswered' ? result.reading : readingOfAnswer(result);
  if (detail !== undefined) return { trouble: detail };
  const members = result.kind === 'answered' ? result.answer.fields[list] : undefined;
  return Array.isArray(members)
    ? { members: members.filter(isObject) }
    : { trouble: `no ${list} in the answer` };
}

const WORD_LENGTH = 40;

function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.replace(/\p{Cc}/gu, ' ').slice(0, WORD_LENGTH) : undefined;
}

function stateOf(balancers: readonly Member[], name: string): string | undefined {
  const own = balancers.find(({ LoadBalancerName }) => LoadBalancerName === name);
  return own ? wordOf(own['State']) : 'absent';
}

/** Both vocabularies of the provider. */
const BACKEND_STATES: Readonly<Record<string, BackendState>> = {
  InService: 'up',
  UP: 'up',
  OutOfService: 'down',
  DOWN: 'down',
};

/** The reason of the provider by which a backend is down because of the balancer. */
const BALANCER_REASON = 'ELB';

function reportedBackend({ VmId, State, StateReason }: Member): ReportedBackend {
  const [word, reason] = [wordOf(State) ?? 'Unknown', wordOf(StateReason)];
  const known = Object.hasOwn(BACKEND_STATES, word) ? BACKEND_STATES[word] : undefined;
  return {
    vmId: wordOf(VmId) ?? '',
    state: known === 'down' && reason === BALANCER_REASON ? 'cut-off' : (known ?? 'unknown'),
    told: reason === undefined || reason === 'N/A' ? word : `${word}, ${reason}`,
  };
}
