{{- define "vigie.leaseName" -}}
{{ include "vigie.fullname" . }}-judge
{{- end -}}

{{/* Who a pod is, and which Lease makes one judge lead. */}}
{{- define "vigie.leaseEnvironment" -}}
- name: VIGIE_MEMBER
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- name: VIGIE_LEASE_NAMESPACE
  valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
- name: VIGIE_LEASE_NAME
  value: {{ include "vigie.leaseName" . }}
{{- end -}}
