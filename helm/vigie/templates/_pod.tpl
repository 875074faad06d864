{{/*
A pod of vigie. In: root; component; member, which is one of several; workload, the values of this component; args;
port, that it answers HTTP on, or nothing; volumes, mounts, env, of the component itself; token, whether it may speak to
the Kubernetes API; privilegedPorts.
*/}}
{{- define "vigie.podTemplate" -}}
{{- $root := .root -}}
{{- $pod := $root.Values.pod -}}
{{- $workload := .workload -}}
{{- $annotations := merge (dict) (default dict $workload.annotations) $pod.annotations -}}
{{- if and $pod.restartOnConfigChange .port -}}
{{- $_ := set $annotations "checksum/config" (include "vigie.configData" $root | sha256sum) -}}
{{- end -}}
{{- if and $root.Values.monitoring.annotatePods .port -}}
{{- $_ := set $annotations "prometheus.io/scrape" "true" -}}
{{- $_ := set $annotations "prometheus.io/port" (toString .port) -}}
{{- end -}}
{{- if eq .privilegedPorts "capability" -}}
{{- $_ := set $annotations "vigie/capability" "CAP_NET_BIND_SERVICE, to take a port below 1024 of the host's network" -}}
{{- end -}}
{{- $labels := include "vigie.podSelector" . | fromYaml -}}
{{- $labels = merge $labels (default dict $workload.labels) $pod.labels $root.Values.commonLabels -}}
metadata:
  labels:
    {{- toYaml $labels | nindent 4 }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  serviceAccountName: {{ include "vigie.fullname" $root }}{{ if .token }}-judge{{ end }}
  automountServiceAccountToken: {{ default false .token }}
  enableServiceLinks: false
  {{- if $workload.hostNetwork }}
  hostNetwork: true
  dnsPolicy: {{ default "ClusterFirstWithHostNet" $workload.dnsPolicy }}
  {{- else if $workload.dnsPolicy }}
  dnsPolicy: {{ $workload.dnsPolicy }}
  {{- end }}
  {{- if .restartPolicy }}
  restartPolicy: {{ .restartPolicy }}
  {{- end }}
  terminationGracePeriodSeconds: {{ $pod.terminationGracePeriodSeconds }}
  {{- with default $pod.priorityClassName $workload.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with include "vigie.placement" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  securityContext:
    {{- include "vigie.podSecurity" . | nindent 4 }}
  containers:
    - name: vigie
      image: {{ include "vigie.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args:
        {{- toYaml .args | nindent 8 }}
      {{- with include "vigie.environment" . }}
      env:
        {{- . | nindent 8 }}
      {{- end }}
      {{- with $pod.envFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- if .port }}
      ports:
        - { name: http, containerPort: {{ .port }}, protocol: TCP }
      startupProbe:
        httpGet: { path: /healthz, port: http }
        periodSeconds: 2
        failureThreshold: 30
      livenessProbe:
        httpGet: { path: /healthz, port: http }
        periodSeconds: 10
        timeoutSeconds: 5
      readinessProbe:
        httpGet: { path: /readyz, port: http }
        periodSeconds: 5
        timeoutSeconds: 5
      {{- else if .udpPort }}
      ports:
        - { name: stamp, containerPort: {{ .udpPort }}, protocol: UDP }
      {{- end }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      securityContext:
        {{- include "vigie.containerSecurity" . | nindent 8 }}
      volumeMounts:
        {{- include "vigie.mounts" . | trim | nindent 8 }}
  volumes:
    {{- include "vigie.volumes" . | trim | nindent 4 }}
{{- end -}}

{{/* Where pods run. */}}
{{- define "vigie.placement" -}}
{{- $pod := .root.Values.pod -}}
{{- $nodes := merge (dict) (default dict .workload.nodeSelector) $pod.nodeSelector -}}
{{- with .workload.zone -}}{{- $_ := set $nodes "topology.kubernetes.io/zone" . -}}{{- end -}}
{{- with $nodes }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with concat $pod.tolerations (default list .workload.tolerations) }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with default $pod.affinity .workload.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with default .spread .workload.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Restricted Pod Security throughout, but for a port below 1024 of the host's network, which takes root there. */}}
{{- define "vigie.podSecurity" -}}
{{- $isRoot := eq .privilegedPorts "capability" -}}
runAsNonRoot: {{ not $isRoot }}
runAsUser: {{ ternary 0 (int .root.Values.pod.runAsUser) $isRoot }}
runAsGroup: {{ int .root.Values.pod.runAsUser }}
fsGroup: {{ int .root.Values.pod.runAsUser }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- if eq .privilegedPorts "sysctl" }}
sysctls:
  - { name: net.ipv4.ip_unprivileged_port_start, value: '67' }
{{- end }}
{{- end -}}

{{- define "vigie.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
  {{- if eq .privilegedPorts "capability" }}
  add: [NET_BIND_SERVICE]
  {{- end }}
{{- end -}}

{{- define "vigie.environment" -}}
{{- $root := .root -}}
{{- $env := concat $root.Values.pod.env (default list .workload.env) (default list .env) -}}
{{- if .port -}}
{{- range $root.Values.secrets -}}
{{- $secret := . -}}
{{- range $variable, $key := .env -}}
{{- $ref := dict "name" $secret.name "key" $key -}}
{{- if $secret.optional -}}{{- $_ := set $ref "optional" true -}}{{- end -}}
{{- $env = append $env (dict "name" $variable "valueFrom" (dict "secretKeyRef" $ref)) -}}
{{- end -}}
{{- end -}}
{{- if eq $root.Values.mode "shared" -}}
{{- $env = concat $env (include "vigie.redisEnvironment" $root | fromYamlArray) -}}
{{- end -}}
{{- end -}}
{{- with $env }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{- define "vigie.redisEnvironment" -}}
{{- $redis := .Values.redis -}}
{{- if $redis.existingSecret.name }}
- name: {{ include "vigie.redisVariable" . }}
  valueFrom: { secretKeyRef: { name: {{ $redis.existingSecret.name }}, key: {{ $redis.existingSecret.key }} } }
{{- else if and $redis.internal.enabled $redis.internal.passwordSecret.name }}
- name: REDIS_PASSWORD
  valueFrom: { secretKeyRef: { name: {{ $redis.internal.passwordSecret.name }}, key: {{ $redis.internal.passwordSecret.key }} } }
- name: {{ include "vigie.redisVariable" . }}
  value: redis://:$(REDIS_PASSWORD)@{{ include "vigie.fullname" . }}-redis:6379/0
{{- end }}
{{- end -}}

{{- define "vigie.mounts" -}}
{{- if .port }}
- { name: config, mountPath: /etc/vigie, readOnly: true }
- { name: data, mountPath: /var/lib/vigie }
{{- range $index, $secret := .root.Values.secrets }}
{{- if $secret.mountPath }}
- { name: secret-{{ $index }}, mountPath: {{ $secret.mountPath }}, readOnly: true }
{{- end }}
{{- end }}
{{- end }}
- { name: tmp, mountPath: /tmp }
{{- with concat .root.Values.pod.volumeMounts (default list .workload.volumeMounts) (default list .mounts) }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "vigie.volumes" -}}
{{- $root := .root -}}
{{- if .port }}
- name: config
  configMap: { name: {{ include "vigie.fullname" $root }} }
{{- if .claim }}
- name: data
  persistentVolumeClaim: { claimName: {{ .claim }} }
{{- else }}
- name: data
  emptyDir: { sizeLimit: 1Gi }
{{- end }}
{{- range $index, $secret := $root.Values.secrets }}
{{- if $secret.mountPath }}
- name: secret-{{ $index }}
  secret: { secretName: {{ $secret.name }}, defaultMode: 288{{ if $secret.optional }}, optional: true{{ end }} }
{{- end }}
{{- end }}
{{- end }}
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- with concat $root.Values.pod.volumes (default list .workload.volumes) (default list .volumes) }}
{{ toYaml . }}
{{- end }}
{{- end -}}
