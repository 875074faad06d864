{{/* All that the schema cannot say, told at once, each by its key. */}}
{{- define "vigie.validate" -}}
{{- $problems := list -}}
{{- $config := include "vigie.userConfig" . | fromYaml -}}
{{- if hasKey $config "Error" -}}
{{- fail (printf "\nconfig: is not YAML: %s" $config.Error) -}}
{{- end -}}
{{- if hasKey $config "window" -}}
{{- $problems = append $problems "config.window: the chart sets it; say redis.url, redis.existingSecret or redis.internal instead" -}}
{{- end -}}
{{- if and .Values.monitoring.podMonitor.enabled .Values.monitoring.serviceMonitor.enabled -}}
{{- $problems = append $problems "monitoring.serviceMonitor.enabled: is true beside monitoring.podMonitor.enabled, and every pod would be scraped twice; enable one" -}}
{{- end -}}
{{- $problems = concat $problems (include "vigie.problems.contract" (dict "root" . "config" $config) | fromYamlArray) -}}
{{- $problems = concat $problems (include "vigie.problems.mode" (dict "root" . "config" $config) | fromYamlArray) -}}
{{- $problems = concat $problems (include "vigie.problems.members" (dict "root" . "config" $config) | fromYamlArray) -}}
{{- $problems = concat $problems (include "vigie.problems.secrets" (dict "root" . "config" $config) | fromYamlArray) -}}
{{- if $problems -}}
{{- fail (printf "\n%s" (join "\n" $problems)) -}}
{{- end -}}
{{- end -}}

{{- define "vigie.problems.contract" -}}
{{- $contract := default "" .config.contract -}}
{{- if not $contract }}
- "config.contract: is missing; expected the id of a shipped contract, or the name of a file in contracts"
{{- else if and (regexMatch "[./]" $contract) (not (hasKey .root.Values.contracts (base $contract))) }}
- {{ printf "config.contract: is %q, and contracts has no such file; give it as contracts: { %q: … }" $contract (base $contract) | quote }}
{{- end }}
{{- if .root.Values.monitoring.prometheusRule.enabled }}
{{- if and (not .root.Values.monitoring.prometheusRule.rules) (not (include "vigie.shippedRules" .root)) }}
- {{ printf "monitoring.prometheusRule.rules: the chart ships none for the contract %q; generate them: vigie rules --config vigie.yaml --format prometheusrule" $contract | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "vigie.problems.mode" -}}
{{- $values := .root.Values -}}
{{- $names := include "vigie.vantageNames" .root | fromYamlArray -}}
{{- $redis := len (compact (list $values.redis.url $values.redis.existingSecret.name (ternary "internal" "" $values.redis.internal.enabled))) -}}
{{- if eq $values.mode "single" }}
{{- if $values.vantages }}
- "vantages: are workloads of mode shared; in mode single say single.vantages, by name"
{{- end }}
{{- if $redis }}
- "redis: is of mode shared; mode single keeps its windows on its own volume"
{{- end }}
{{- if and (gt (len $names) 1) (not $values.single.vantages) }}
- {{ printf "single.vantages: is empty, and config.vantages names several; list those that the pod looks from, of %s" (join ", " $names) | quote }}
{{- end }}
{{- range $values.single.vantages }}
{{- if not (has . $names) }}
- {{ printf "single.vantages: %q is not in config.vantages (%s)" . (join ", " $names) | quote }}
{{- end }}
{{- end }}
{{- else }}
{{- if not $values.config }}
- "config: is empty; mode shared needs to be told what to watch (--set-file config=vigie.yaml)"
{{- end }}
{{- if ne $redis 1 }}
- "redis: mode shared needs exactly one of redis.url, redis.existingSecret.name and redis.internal.enabled"
{{- end }}
{{- if not (or $values.judge.enabled $values.vantages) }}
- "judge.enabled: is false and vantages is empty, so that nothing would run"
{{- end }}
{{- if and $values.judge.evidence.enabled (gt (int $values.judge.replicas) 1) (not (has "ReadWriteMany" $values.judge.evidence.accessModes)) (not $values.judge.evidence.existingClaim) }}
- "judge.evidence.accessModes: several replicas share the volume, so that it must be ReadWriteMany; or say judge.replicas: 1"
{{- end }}
{{- end }}
{{- if regexMatch "//[^/@]*:[^/@]*@" $values.redis.url }}
- "redis.url: holds a password; put the URL into a Secret and name it in redis.existingSecret"
{{- end }}
{{- end -}}

{{/* Vantages and reflectors. */}}
{{- define "vigie.problems.members" -}}
{{- $root := .root -}}
{{- $config := .config -}}
{{- $names := include "vigie.vantageNames" .root | fromYamlArray -}}
{{- $seen := list -}}
{{- range $index, $vantage := $root.Values.vantages }}
{{- if not (has $vantage.name $names) }}
- {{ printf "vantages[%d].name: %q is not in config.vantages (%s)" $index $vantage.name (join ", " $names) | quote }}
{{- end }}
{{- if has $vantage.name $seen }}
- {{ printf "vantages[%d].name: %q is there twice" $index $vantage.name | quote }}
{{- end }}
{{- $seen = append $seen $vantage.name }}
{{- if and (eq (default "Deployment" $vantage.kind) "DaemonSet") (or $vantage.replicas (default dict $vantage.autoscaling).enabled) }}
- {{ printf "vantages[%d]: a DaemonSet runs once on each node; leave out replicas and autoscaling" $index | quote }}
{{- end }}
{{- $low := include "vigie.lowPortChecks" (dict "config" $config "vantage" $vantage.name) }}
{{- if and $low $vantage.hostNetwork (not $vantage.privilegedPorts) }}
- {{ printf "vantages[%d].privilegedPorts: the checks %s take port 67 or 68 of the node; say capability (root in the container with CAP_NET_BIND_SERVICE and nothing else), or none where the node's net.ipv4.ip_unprivileged_port_start allows it" $index $low | quote }}
{{- end }}
{{- if and $vantage.hostNetwork (eq (default "none" $vantage.privilegedPorts) "sysctl") }}
- {{ printf "vantages[%d].privilegedPorts: sysctl is not for the host's network, where Kubernetes forbids it; say capability or none" $index | quote }}
{{- end }}
{{- end }}
{{- $seen = list -}}
{{- range $index, $reflector := $root.Values.reflectors }}
{{- if has $reflector.name $seen }}
- {{ printf "reflectors[%d].name: %q is there twice" $index $reflector.name | quote }}
{{- end }}
{{- $seen = append $seen $reflector.name }}
{{- if and $reflector.hostNetwork (lt (int (default 862 $reflector.port)) 1024) (not (has (default "" $reflector.privilegedPorts) (list "capability" "none"))) }}
- {{ printf "reflectors[%d].privilegedPorts: port %d of the node needs a right; say capability (root in the container with CAP_NET_BIND_SERVICE and nothing else), or none, or take a port from 1024 on" $index (int (default 862 $reflector.port)) | quote }}
{{- end }}
{{- end }}
{{- $known := concat (include "vigie.knownProbes" . | fromYamlArray) $root.Values.networkPolicy.uncomputed -}}
{{- if $root.Values.networkPolicy.enabled }}
{{- range $index, $check := $config.checks }}
{{- if not (has $check.probe $known) }}
- {{ printf "networkPolicy.uncomputed: config.checks[%d] is of the kind %q, whose egress this chart cannot compute; list the kind there and its egress in networkPolicy.extraEgress" $index (toString $check.probe) | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "vigie.problems.secrets" -}}
{{- $values := .root.Values -}}
{{- $given := list -}}
{{- range $values.pod.env }}{{ $given = append $given .name }}{{ end -}}
{{- range $index, $secret := $values.secrets }}
{{- $given = concat $given (keys (default dict $secret.env)) }}
{{- if not (or $secret.env $secret.mountPath) }}
- {{ printf "secrets[%d]: %q has neither env nor mountPath" $index $secret.name | quote }}
{{- end }}
{{- end }}
{{- if not $values.pod.envFrom }}
{{- range (splitList "\n" (include "vigie.variables" (dict "tree" .config)) | uniq | sortAlpha) }}
{{- if and . (not (has . $given)) }}
- {{ printf "secrets: config refers to { env: %s }, and no secret there gives it" . | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Ids of the checks of a vantage that take a port below 1024 of their own: those of dhcp. In: config, vantage. */}}
{{- define "vigie.lowPortChecks" -}}
{{- $vantage := .vantage -}}
{{- $found := list -}}
{{- range .config.checks -}}
{{- $with := default dict .with -}}
{{- $port := ternary $with.localPort 67 (hasKey $with "localPort") -}}
{{- if and (eq .probe "dhcp") (or (not $vantage) (not .vantages) (has $vantage .vantages)) (gt (int $port) 0) (lt (int $port) 1024) -}}
{{- $found = append $found .id -}}
{{- end -}}
{{- end -}}
{{- join ", " $found -}}
{{- end -}}
