{{/*
What a check opens connections to, a line `host port protocol` each; nothing for kinds that use no network.
Names and defaults are those of probes/*.ts. In: check, with `probe` and `with`.
*/}}
{{- define "vigie.endpoints" -}}
{{- $with := default dict .with -}}
{{- if eq .probe "http" -}}
{{ include "vigie.urlEndpoint" (default "" $with.url) }}
{{- else if eq .probe "tcp" -}}
{{ $with.host }} {{ int $with.port }} TCP
{{- else if eq .probe "dns" -}}
{{- $transport := default "udp" $with.transport -}}
{{- $port := int (default (ternary 853 53 (eq $transport "tls")) $with.port) -}}
{{- if eq $transport "udp" }}
{{ $with.server }} {{ $port }} UDP
{{- end }}
{{- if or (ne $transport "udp") (ne (default "tcp" $with.onTruncated) "accept") }}
{{ $with.server }} {{ $port }} TCP
{{- end }}
{{- else if eq .probe "ntp" -}}
{{ $with.server }} {{ int (default 123 $with.port) }} UDP
{{- else if eq .probe "dhcp" -}}
{{ default "255.255.255.255" $with.server }} {{ int (default 67 $with.port) }} UDP
{{- else if eq .probe "metadata" -}}
{{ include "vigie.urlEndpoint" (default "http://169.254.169.254/" $with.url) }}
{{- else if eq .probe "latency" -}}
{{ $with.host }} {{ int (default 862 $with.port) }} {{ default "udp" $with.transport | upper }}
{{- else if eq .probe "firewall" -}}
{{ $with.host }} {{ int (default dict $with.allowed).port }} TCP
{{ $with.host }} {{ int (default dict $with.denied).port }} TCP
{{- with $with.heartbeat }}
{{ default $with.host .host }} {{ int .port }} TCP
{{- end }}
{{- else if eq .probe "internet" -}}
{{- range $with.targets }}
{{ .host }} {{ int (default (ternary 53 443 (eq (default "" .transport) "dns")) .port) }} {{ ternary "UDP" "TCP" (eq (default "" .transport) "dns") }}
{{- end }}
{{- else if eq .probe "load-balancer" -}}
{{ include "vigie.siteEndpoint" (default dict $with.front) }}
{{- range $with.backends }}
{{ include "vigie.siteEndpoint" . }}
{{- end }}
{{ include "vigie.apiEndpoint" (dict "api" $with.api "service" "api") }}
{{- else if eq .probe "outscale-api" -}}
{{ include "vigie.apiEndpoint" (dict "api" $with "service" (default "api" $with.service)) }}
{{- else if eq .probe "vm" -}}
{{ include "vigie.apiEndpoint" (dict "api" $with "service" "api") }}
{{- with $with.heartbeat }}
{{ .host }} {{ int .port }} TCP
{{- end }}
{{- else if eq .probe "snapshot" -}}
{{ include "vigie.apiEndpoint" (dict "api" $with "service" "api") }}
{{- else if eq .probe "volume" -}}
{{ include "vigie.apiEndpoint" (dict "api" $with.api "service" "api") }}
{{- else if has .probe (list "object-storage" "object-durability") -}}
{{- $endpoint := include "vigie.urlEndpoint" (default "" $with.endpoint) -}}
{{ ternary (printf "%s.%s" $with.bucket $endpoint) $endpoint (eq (default "path" $with.addressing) "virtual") }}
{{- end -}}
{{- end -}}

{{/* The kinds of probe above, and those that use no network. */}}
{{- define "vigie.knownProbes" -}}
[http, tcp, dns, ntp, dhcp, metadata, latency, firewall, internet, load-balancer, outscale-api, vm, snapshot, volume, iops, object-storage, object-durability]
{{- end -}}

{{/* `host port TCP` of a URL. */}}
{{- define "vigie.urlEndpoint" -}}
{{- $url := urlParse . -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
{{- $host := $url.host | trimSuffix (printf ":%s" $port) | trimPrefix "[" | trimSuffix "]" -}}
{{ $host }} {{ default (ternary "443" "80" (eq $url.scheme "https")) $port }} TCP
{{- end -}}

{{- define "vigie.siteEndpoint" -}}
{{- if .url -}}
{{ include "vigie.urlEndpoint" .url }}
{{- else -}}
{{ .host }} {{ int .port }} TCP
{{- end -}}
{{- end -}}

{{/* The provider's API, at its public address unless told otherwise. In: api (may be nothing), service. */}}
{{- define "vigie.apiEndpoint" -}}
{{- with .api -}}
{{- if .endpoint -}}
{{ include "vigie.urlEndpoint" .endpoint }}
{{- else -}}
{{ printf "%s.%s.outscale.com" $.service .region }} 443 TCP
{{- end -}}
{{- end -}}
{{- end -}}

{{/* `host port protocol` lines of all that a vantage asks; of all vantages when none is named. In: config, vantage. */}}
{{- define "vigie.vantageEndpoints" -}}
{{- $vantage := .vantage -}}
{{- range .config.checks }}
{{- if or (not $vantage) (not .vantages) (has $vantage .vantages) }}
{{ include "vigie.endpoints" . }}
{{- end }}
{{- end }}
{{- range (default dict .config.egress).references }}
{{- if or (not $vantage) (not .vantages) (has $vantage .vantages) }}
{{ .host }} {{ int .port }} TCP
{{- end }}
{{- end }}
{{- end -}}

{{/*
Egress rules for `host port protocol` lines, those to one peer together. An address is a range of its own, a name is
what networkPolicy.hosts says, or else anywhere. In: root, lines.
*/}}
{{- define "vigie.egressRules" -}}
{{- $hosts := .root.Values.networkPolicy.hosts -}}
{{- $ports := dict -}}
{{- range (splitList "\n" .lines | uniq | sortAlpha) }}
{{- $parts := splitList " " (trim .) }}
{{- if eq (len $parts) 3 }}
{{- $host := index $parts 0 }}
{{- $ranges := list "0.0.0.0/0" "::/0" }}
{{- if regexMatch "^[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+$" $host }}
{{- $ranges = list (printf "%s/32" $host) }}
{{- else if contains ":" $host }}
{{- $ranges = list (printf "%s/128" $host) }}
{{- else if hasKey $hosts $host }}
{{- $ranges = get $hosts $host }}
{{- end }}
{{- $peer := join " " $ranges }}
{{- $_ := set $ports $peer (append (default list (get $ports $peer)) (printf "%s %s" (index $parts 2) (index $parts 1)) | uniq | sortAlpha) }}
{{- end }}
{{- end }}
{{- range $peer, $listed := $ports }}
- to:
  {{- range splitList " " $peer }}
    - ipBlock: { cidr: {{ . | quote }} }
  {{- end }}
  ports:
  {{- range $listed }}
    - { protocol: {{ splitList " " . | first }}, port: {{ splitList " " . | last }} }
  {{- end }}
{{- end }}
{{- end -}}
