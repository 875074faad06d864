{{- define "vigie.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 32 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 32 characters, so that 63 hold every name made of it; cut names keep apart by a digest. */}}
{{- define "vigie.fullname" -}}
{{- $name := .Values.fullnameOverride -}}
{{- if not $name -}}
{{- $name = ternary .Release.Name (printf "%s-%s" .Release.Name (include "vigie.name" .)) (contains (include "vigie.name" .) .Release.Name) -}}
{{- end -}}
{{- $name = $name | replace "." "-" -}}
{{- if gt (len $name) 32 -}}
{{- printf "%s-%s" (trunc 25 $name | trimSuffix "-") (sha256sum $name | trunc 6) -}}
{{- else -}}
{{- $name -}}
{{- end -}}
{{- end -}}

{{/* What selects the objects of this release; never changes from version to version. */}}
{{- define "vigie.selector" -}}
app.kubernetes.io/name: {{ include "vigie.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "vigie.labels" -}}
{{ include "vigie.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Metadata. In: root, name, component; optional labels, annotations. */}}
{{- define "vigie.metadata" -}}
{{- $labels := include "vigie.labels" .root | fromYaml -}}
{{- $labels = merge (dict "app.kubernetes.io/component" .component) $labels (default dict .labels) .root.Values.commonLabels -}}
{{- $annotations := merge (dict) (default dict .annotations) .root.Values.commonAnnotations -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- toYaml $labels | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Selector of the pods of a component. In: root, component; optional member, which is one of several. */}}
{{- define "vigie.podSelector" -}}
{{ include "vigie.selector" .root }}
app.kubernetes.io/component: {{ .component }}
{{- with .member }}
vigie-member: {{ . }}
{{- end }}
{{- end -}}

{{- define "vigie.image" -}}
{{- $image := .Values.image -}}
{{- $name := $image.repository -}}
{{- with $image.registry }}{{ $name = printf "%s/%s" . $name }}{{ end -}}
{{- if $image.digest -}}
{{ $name }}@{{ $image.digest }}
{{- else -}}
{{ $name }}:{{ default .Chart.AppVersion $image.tag }}
{{- end -}}
{{- end -}}

{{/* Spec of a claim. In: size, storageClass, accessModes. */}}
{{- define "vigie.claimSpec" -}}
accessModes:
  {{- toYaml (default (list "ReadWriteOnce") .accessModes) | nindent 2 }}
resources:
  requests:
    storage: {{ .size }}
{{- if eq .storageClass "-" }}
storageClassName: ''
{{- else if .storageClass }}
storageClassName: {{ .storageClass }}
{{- end }}
{{- end -}}
