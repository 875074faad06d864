/** How rules are written: Prometheus' own file, or the operator's resource around it. */
export const RULE_FORMATS = ['prometheus', 'prometheusrule'] as const;
export type RuleFormat = (typeof RULE_FORMATS)[number];
