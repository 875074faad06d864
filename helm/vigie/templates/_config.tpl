{{/* A value that may be a tree or a text, as YAML. In: value. A text that is no YAML map gives the key Error. */}}
{{- define "vigie.tree" -}}
{{- if kindIs "string" .value -}}
{{ toYaml (fromYaml .value) }}
{{- else -}}
{{ toYaml (default dict .value) }}
{{- end -}}
{{- end -}}

{{/* The configuration as the user gave it; the provider's public front doors when there is none. */}}
{{- define "vigie.userConfig" -}}
{{- $value := .Values.config -}}
{{- if not $value -}}{{- $value = .Files.Get "files/outside.yaml" -}}{{- end -}}
{{ include "vigie.tree" (dict "value" $value) }}
{{- end -}}

{{/* What this release is called among others in one Prometheus: the label `installation` of its series and alerts. */}}
{{- define "vigie.installation" -}}
{{- $config := include "vigie.userConfig" . | fromYaml -}}
{{- $labels := default dict (default dict $config.alerting).labels -}}
{{- default (printf "%s/%s" .Release.Namespace (include "vigie.fullname" .)) $labels.installation -}}
{{- end -}}

{{/* The names of all vantages of the configuration, as a YAML list. */}}
{{- define "vigie.vantageNames" -}}
{{- $config := include "vigie.userConfig" . | fromYaml -}}
{{- if hasKey $config "vantages" -}}
{{ toYaml $config.vantages }}
{{- else if eq .Values.mode "shared" -}}
{{- $names := list -}}
{{- range .Values.vantages }}{{ $names = append $names .name }}{{ end -}}
{{ toYaml $names }}
{{- else -}}
- local
{{- end -}}
{{- end -}}

{{/* The environment variable that holds the URL of Redis, when it is not in the configuration itself. */}}
{{- define "vigie.redisVariable" -}}VIGIE_REDIS_URL{{- end -}}

{{/* `window` of the configuration. */}}
{{- define "vigie.window" -}}
{{- $redis := .Values.redis -}}
{{- if or $redis.existingSecret.name (and $redis.internal.enabled $redis.internal.passwordSecret.name) -}}
url: { env: {{ include "vigie.redisVariable" . }} }
{{- else if $redis.internal.enabled -}}
url: redis://{{ include "vigie.fullname" . }}-redis:6379/0
{{- else -}}
url: {{ $redis.url | quote }}
{{- end -}}
{{- end -}}

{{/* The file that pods read. In: root, port. */}}
{{- define "vigie.config" -}}
{{- $root := .root -}}
{{- $config := include "vigie.userConfig" $root | fromYaml -}}
{{- $_ := set $config "listen" (dict "host" $root.Values.listenHost "port" (int .port)) -}}
{{- $_ := set $config "dataDir" "/var/lib/vigie" -}}
{{- $_ := set $config "vantages" (include "vigie.vantageNames" $root | fromYamlArray) -}}
{{- if eq $root.Values.mode "shared" -}}
{{- $_ := set $config "window" (include "vigie.window" $root | fromYaml) -}}
{{- end -}}
{{- if (default dict $config.alerting).push -}}
{{- $labels := default dict $config.alerting.labels -}}
{{- $_ := set $labels "installation" (include "vigie.installation" $root) -}}
{{- $_ := set $config.alerting "labels" $labels -}}
{{- end -}}
{{- if regexMatch "[./]" (default "" $config.contract) -}}
{{- $_ := set $config "contract" (base $config.contract) -}}
{{- end -}}
{{ toYaml $config }}
{{- end -}}

{{/* Name of the file that a vantage reads: one of its own where it listens on a port of its own. */}}
{{- define "vigie.configFile" -}}
{{- if .port -}}vigie.{{ .name }}.yaml{{- else -}}vigie.yaml{{- end -}}
{{- end -}}

{{/* Variables that a tree refers to by { env: NAME }, a line each. In: tree. */}}
{{- define "vigie.variables" -}}
{{- if kindIs "map" .tree -}}
{{- if and (eq (len .tree) 1) (hasKey .tree "env") (kindIs "string" .tree.env) }}
{{ .tree.env }}
{{- else -}}
{{- range .tree }}{{ include "vigie.variables" (dict "tree" .) }}{{ end -}}
{{- end -}}
{{- else if kindIs "slice" .tree -}}
{{- range .tree }}{{ include "vigie.variables" (dict "tree" .) }}{{ end -}}
{{- end -}}
{{- end -}}

{{/* The files that pods read: the configuration, once more for each port of its own, and the contracts. */}}
{{- define "vigie.configData" -}}
{{- $root := . -}}
vigie.yaml: |
  {{- include "vigie.config" (dict "root" . "port" .Values.port) | nindent 2 }}
{{- if eq .Values.mode "shared" }}
{{- range .Values.vantages }}
{{- if .port }}
{{ include "vigie.configFile" . }}: |
  {{- include "vigie.config" (dict "root" $root "port" .port) | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}
{{- range $file, $contract := .Values.contracts }}
{{ $file }}: |
  {{- include "vigie.tree" (dict "value" $contract) | nindent 2 }}
{{- end }}
{{- end -}}
