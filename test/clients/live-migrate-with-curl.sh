#!/bin/sh
# Live migrate a rescued server with curl: a token, then the one request. Prints its answer and its status code.
set -eu
server_id=$1
microversion=$2
login() {
  cat <<JSON
{ "auth": {
    "identity": { "methods": ["password"], "password": { "user": {
      "name": "$OS_USERNAME", "domain": { "name": "Default" }, "password": "$OS_PASSWORD" } } },
    "scope": { "project": { "name": "$OS_PROJECT_NAME", "domain": { "name": "Default" } } } } }
JSON
}
token=$(login | curl -sS -D - -o /dev/null -H 'Content-Type: application/json' --data-binary @- "$OS_AUTH_URL/auth/tokens" |
  tr -d '\r' | sed -n 's/^x-subject-token: //ip')
answer=$(curl -sS -w '\n%{http_code}' -X POST \
  -H "X-Auth-Token: $token" -H "OpenStack-API-Version: compute $microversion" -H 'Content-Type: application/json' \
  -d '{"os-migrateLive": {"host": null, "block_migration": "auto"}}' \
  "${OS_AUTH_URL%/v3}/v2.1/servers/$server_id/action")
echo "$answer"
test "$(echo "$answer" | tail -n 1)" = 202
