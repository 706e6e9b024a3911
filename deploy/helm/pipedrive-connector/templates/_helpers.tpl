{{- define "connector.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "connector.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "connector.labels" -}}
{{ include "connector.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "connector.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "connector.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "connector.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "connector.claim" -}}
{{- default (include "connector.fullname" .) .Values.store.sqlite.existingClaim -}}
{{- end -}}

{{/* The ports in the pod; the Services may have others. */}}
{{- define "connector.ports" -}}
grpc: 9090
public: 8080
admin: 9464
{{- end -}}

{{/* connector.yaml: what the user wrote, and what the chart decides. */}}
{{- define "connector.config" -}}
{{- $ports := include "connector.ports" . | fromYaml -}}
{{- $server := dict -}}
{{- range $name, $port := $ports -}}
{{- $_ := set $server $name (dict "listen" (printf ":%d" (int $port))) -}}
{{- end -}}
{{- $grpc := index $server "grpc" -}}
{{- if .Values.grpc.tls.secret -}}
{{- $tls := dict "cert_file" "/run/secrets/pipedrive-connector-grpc/tls.crt" "key_file" "/run/secrets/pipedrive-connector-grpc/tls.key" -}}
{{- if .Values.grpc.tls.clientCa.secret -}}
{{- $_ := set $tls "client_ca_file" "/run/secrets/pipedrive-connector-grpc/client-ca.crt" -}}
{{- end -}}
{{- $_ := set $grpc "tls" $tls -}}
{{- if .Values.grpc.tokens.secret -}}
{{- $_ := set $grpc "tokens_file" "/run/secrets/pipedrive-connector-grpc/tokens" -}}
{{- end -}}
{{- else -}}
{{- $_ := set $grpc "insecure" true -}}
{{- end -}}
{{- $public := index $server "public" -}}
{{- $_ := set $public "requests_per_second" .Values.public.requestsPerSecond -}}
{{- $_ := set $public "connections_per_address" (int .Values.public.connectionsPerAddress) -}}
{{- with .Values.public.trustedProxies -}}
{{- $_ := set $public "trusted_proxies" (join ", " .) -}}
{{- end -}}
{{- $store := dict "url" "sqlite:/var/lib/pipedrive-connector/connector.db" -}}
{{- if eq .Values.store.type "postgresql" -}}
{{- $store = dict "url_file" "/run/secrets/pipedrive-connector-store/url" -}}
{{- end -}}
{{- merge (dict "server" $server "store" $store) (deepCopy .Values.config) | toYaml -}}
{{- end -}}
