{{/* Selects the pods that probe as one member does, the test pod among them. In: root, component; optional member. */}}
{{- define "vigie.probingSelector" -}}
matchLabels:
  {{- include "vigie.selector" .root | nindent 2 }}
  {{- with .member }}
  vigie-member: {{ . }}
  {{- end }}
matchExpressions:
  - { key: app.kubernetes.io/component, operator: In, values: [{{ .component }}, test] }
{{- end -}}

{{/* Selects the pods that use Redis. */}}
{{- define "vigie.redisClients" -}}
matchLabels:
  {{- include "vigie.selector" . | nindent 2 }}
matchExpressions:
  - { key: app.kubernetes.io/component, operator: In, values: [judge, vantage, test] }
{{- end -}}

{{/* Egress rules to Redis, as a YAML list. */}}
{{- define "vigie.redisEgress" -}}
{{- $redis := .Values.redis -}}
{{- $policy := .Values.networkPolicy.redis -}}
{{- if ne .Values.mode "shared" -}}
[]
{{- else if $redis.internal.enabled -}}
- to:
    - podSelector:
        matchLabels:
          {{- include "vigie.podSelector" (dict "root" . "component" "redis") | nindent 10 }}
  ports: [{ protocol: TCP, port: 6379 }]
{{- else if or $redis.existingSecret.name $policy.to -}}
- ports:
    {{- range $policy.ports }}
    - { protocol: TCP, port: {{ . }} }
    {{- end }}
  {{- with $policy.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- else -}}
{{- include "vigie.egressRules" (dict "root" . "lines" (include "vigie.redisEndpoints" $redis.url)) -}}
{{- end -}}
{{- end -}}

{{/* `host port TCP` lines of the members that a URL of Redis names. */}}
{{- define "vigie.redisEndpoints" -}}
{{- $members := regexReplaceAll "^[a-z+]+://([^/@]*@)?([^/]*).*$" . "${2}" -}}
{{- $usual := ternary "26379" "6379" (hasPrefix "redis+sentinel" .) -}}
{{- range splitList "," $members }}
{{- $port := regexFind ":[0-9]+$" . | trimPrefix ":" }}
{{ trimSuffix (printf ":%s" $port) . | trimPrefix "[" | trimSuffix "]" }} {{ default $usual $port }} TCP
{{- end }}
{{- if hasPrefix "redis+sentinel" . }}
{{- range splitList "," $members }}
{{ regexReplaceAll ":[0-9]+$" . "" | trimPrefix "[" | trimSuffix "]" }} 6379 TCP
{{- end }}
{{- end }}
{{- end -}}

{{/* `host port TCP` lines of the Alertmanagers that are pushed to. In: config. */}}
{{- define "vigie.alertingEndpoints" -}}
{{- $alerting := default dict .config.alerting -}}
{{- if $alerting.push }}
{{- range $alerting.alertmanagers }}
{{- if kindIs "map" . }}
{{ include "vigie.urlEndpoint" .url }}
{{- else }}
{{ include "vigie.urlEndpoint" . }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
