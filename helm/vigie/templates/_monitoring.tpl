{{/* Selects what answers scrapes: pods and Services of the single pod, the judges and the vantages. */}}
{{- define "vigie.podMonitorSelector" -}}
matchLabels:
  {{- include "vigie.selector" . | nindent 2 }}
matchExpressions:
  - { key: app.kubernetes.io/component, operator: In, values: [single, judge, vantage] }
{{- end -}}

{{/* Labels every series with the installation that it is of. */}}
{{- define "vigie.relabelings" -}}
- { action: replace, targetLabel: installation, replacement: {{ include "vigie.installation" . | quote }} }
{{- end -}}

{{/* Path of the rules shipped for the contract of the configuration; empty when there are none. */}}
{{- define "vigie.shippedRules" -}}
{{- $config := include "vigie.userConfig" . | fromYaml -}}
{{- $path := printf "rules/%s.yaml" (default "" $config.contract) -}}
{{- if .Files.Get $path -}}{{ $path }}{{- end -}}
{{- end -}}

{{/* The groups of the rules, as a YAML list: of a rules file, or of a whole PrometheusRule as `vigie rules` prints it. */}}
{{- define "vigie.ruleGroups" -}}
{{- $rules := .Values.monitoring.prometheusRule.rules -}}
{{- /* Shipped rules are those of one installation in one region; words in capitals stand for their names. */}}
{{- if not $rules -}}
{{- $config := include "vigie.userConfig" . | fromYaml -}}
{{- $rules = .Files.Get (include "vigie.shippedRules" .) | replace "INSTALLATION" (include "vigie.installation" .) | replace "region: REGION" (printf "region: %s" (toJson $config.region)) -}}
{{- end -}}
{{- $tree := include "vigie.tree" (dict "value" $rules) | fromYaml -}}
{{- $groups := default (default dict $tree.spec).groups $tree.groups -}}
{{- if not $groups -}}{{- fail "\nmonitoring.prometheusRule.rules: has no groups; expected what `vigie rules` prints" -}}{{- end -}}
{{ toYaml $groups }}
{{- end -}}
