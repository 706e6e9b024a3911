{{/* What can't work fails the render, with a sentence that says what to do. */}}
{{- define "connector.validate" -}}
{{- include "connector.validateStore" . -}}
{{- include "connector.validateConfig" . -}}
{{- include "connector.validateSecrets" . -}}
{{- include "connector.validateRoutes" . -}}
{{- include "connector.validateGrpc" . -}}
{{- if not .Values.image.repository -}}
{{- fail "image.repository is empty: name the registry and repository that you pushed the image to" -}}
{{- end -}}
{{- if lt (int .Values.terminationGracePeriodSeconds) 30 -}}
{{- fail "terminationGracePeriodSeconds is shorter than the drain, which takes up to 20 s: give it 30 or more" -}}
{{- end -}}
{{- if and .Values.podDisruptionBudget.enabled (lt (int .Values.podDisruptionBudget.maxUnavailable) 1) -}}
{{- fail "podDisruptionBudget.maxUnavailable is 0, so that no node could ever be drained: give it 1 or more" -}}
{{- end -}}
{{- end -}}

{{- define "connector.validateStore" -}}
{{- $store := .Values.store -}}
{{- if eq $store.type "postgresql" -}}
{{- if not $store.postgresql.secret -}}
{{- fail "store.postgresql.secret is empty: name the Secret whose key store.postgresql.key holds the database's URL" -}}
{{- end -}}
{{- else -}}
{{- if gt (int .Values.replicas) 1 -}}
{{- fail (printf "replicas is %d, but a SQLite file serves one process: use replicas 1" (int .Values.replicas)) -}}
{{- end -}}
{{- if .Values.autoscaling.enabled -}}
{{- fail "autoscaling.enabled, but a SQLite file serves one process: switch autoscaling off" -}}
{{- end -}}
{{- if eq $store.sqlite.accessMode "ReadWriteMany" -}}
{{- fail "store.sqlite.accessMode ReadWriteMany: SQLite's write-ahead log needs a volume of one node, so use ReadWriteOnce or ReadWriteOncePod" -}}
{{- end -}}
{{- if and $store.sqlite.existingClaim (not $store.sqlite.persistent) -}}
{{- fail "store.sqlite.existingClaim is set, but store.sqlite.persistent is false: the claim would not be used; set persistent to true or leave the claim out" -}}
{{- end -}}
{{- end -}}
{{- if .Values.autoscaling.enabled -}}
{{- if gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas) -}}
{{- fail "autoscaling.minReplicas is greater than autoscaling.maxReplicas" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "connector.validateConfig" -}}
{{- $config := .Values.config -}}
{{- if hasKey $config "server" -}}
{{- fail "config.server is the chart's to write: leave it out; ports are in `service`" -}}
{{- end -}}
{{- range list "url" "url_file" -}}
{{- if hasKey (default dict $config.store) . -}}
{{- fail (printf "config.store.%s is the chart's to write: leave it out; the database is in `store`" .) -}}
{{- end -}}
{{- end -}}
{{- if not $config.connectors -}}
{{- fail "config.connectors is empty: the service needs its accounts; values.yaml shows an example" -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled (dig "http" "proxy" "" $config) (not .Values.networkPolicy.extraEgress) -}}
{{- fail "config.http.proxy is set, but the network policy lets nothing out beside DNS and port 443: allow the proxy in networkPolicy.extraEgress" -}}
{{- end -}}
{{- end -}}

{{/* No secret in plain text, and nothing referred to that isn't given. */}}
{{- define "connector.validateSecrets" -}}
{{- include "connector.refusePlainSecrets" (dict "at" "config" "value" .Values.config) -}}
{{- range $name, $_ := .Values.env -}}
{{- if hasKey $.Values.secrets.env $name -}}
{{- fail (printf "%s stands in both env and secrets.env: keep one" $name) -}}
{{- end -}}
{{- end -}}
{{- $text := toYaml .Values.config | replace "$${" "" -}}
{{- range regexFindAll "\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}" $text -1 | uniq -}}
{{- $name := . | trimPrefix "${" | trimSuffix "}" -}}
{{- if not (or (hasKey $.Values.secrets.env $name) (hasKey $.Values.env $name)) -}}
{{- fail (printf "config uses ${%s}, but neither secrets.env nor env has %s" $name $name) -}}
{{- end -}}
{{- end -}}
{{- range regexFindAll "/run/secrets/pipedrive-connector/[^\\s\"']+" $text -1 | uniq -}}
{{- $name := . | trimPrefix "/run/secrets/pipedrive-connector/" -}}
{{- if not (hasKey $.Values.secrets.files $name) -}}
{{- fail (printf "config reads %s, but secrets.files has no %s" . $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "connector.refusePlainSecrets" -}}
{{- $secrets := list "api_token" "api_key" "client_secret" "password" "authorize_password" "token" "tokens" "encryption_key" "old_encryption_keys" -}}
{{- $at := .at -}}
{{- if kindIs "map" .value -}}
{{- range $key, $value := .value -}}
{{- if and (has $key $secrets) (kindIs "string" $value) -}}
{{- if not (regexMatch "^(\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}[, ]*)+$" $value) -}}
{{- fail (printf "%s.%s holds a secret in plain text, which would end up in a ConfigMap: write ${NAME} with NAME in secrets.env, or %s_file with the file in secrets.files" $at $key $key) -}}
{{- end -}}
{{- end -}}
{{- include "connector.refusePlainSecrets" (dict "at" (printf "%s.%s" $at $key) "value" $value) -}}
{{- end -}}
{{- else if kindIs "slice" .value -}}
{{- range $i, $value := .value -}}
{{- include "connector.refusePlainSecrets" (dict "at" (printf "%s[%d]" $at $i) "value" $value) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "connector.validateGrpc" -}}
{{- if not .Values.grpc.tls.secret -}}
{{- if .Values.grpc.tls.clientCa.secret -}}
{{- fail "grpc.tls.clientCa.secret is set, but grpc.tls.secret is empty: clients show certificates over TLS only" -}}
{{- end -}}
{{- if .Values.grpc.tokens.secret -}}
{{- fail "grpc.tokens.secret is set, but grpc.tls.secret is empty: tokens would travel in the clear; name the TLS Secret" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "connector.validateRoutes" -}}
{{- $ingress := .Values.ingress -}}
{{- $route := .Values.httpRoute -}}
{{- if and $ingress.enabled $route.enabled -}}
{{- fail "ingress and httpRoute are both enabled: keep one way in" -}}
{{- end -}}
{{- if $ingress.enabled -}}
{{- if not $ingress.host -}}
{{- fail "ingress.host is empty: name the host that Pipedrive and Brevo shall call" -}}
{{- end -}}
{{- if not (or $ingress.tls.secret $ingress.tls.elsewhere) -}}
{{- fail "ingress.tls.secret is empty: webhooks carry a password and are called by https only; name the TLS Secret, or set ingress.tls.elsewhere if something before the ingress ends TLS" -}}
{{- end -}}
{{- end -}}
{{- if $route.enabled -}}
{{- if not $route.host -}}
{{- fail "httpRoute.host is empty: name the host that Pipedrive and Brevo shall call" -}}
{{- end -}}
{{- if not $route.parentRefs -}}
{{- fail "httpRoute.parentRefs is empty: name the Gateway that the route attaches to" -}}
{{- end -}}
{{- end -}}
{{- $host := ternary $ingress.host (ternary $route.host "" $route.enabled) $ingress.enabled -}}
{{- if and $host (kindIs "map" .Values.config.connectors) -}}
{{- $places := list (list "pipedrive" "webhook" "public_url") (list "brevo" "webhook" "public_url") (list "pipedrive" "oauth" "redirect_uri") -}}
{{- range $place := $places -}}
{{- $url := dig (index $place 0) (index $place 1) (index $place 2) "" $.Values.config.connectors -}}
{{- if and $url (not (contains "${" $url)) -}}
{{- if ne (index (urlParse $url) "host" | splitList ":" | first) $host -}}
{{- fail (printf "config.connectors.%s is %s, but the way in answers for %s: what is sent there would go elsewhere" (join "." $place) $url $host) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
