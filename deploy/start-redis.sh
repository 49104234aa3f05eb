#!/bin/sh
# Starts Redis with the users of redis-users.acl, on loopback, unless the arguments say otherwise: all of them are passed
# on to Redis. REDIS_PASSWORD is the password of user marketcast. REDIS_ADMIN_PASSWORD, if there is one, is that of user
# admin, who may do everything. Redis is given their SHA-256 only. Nothing is kept on disk: nodes bring back what they hold.
set -eu
sha256() { printf %s "$1" | sha256sum | cut -c 1-64; }
hash=$(sha256 "${REDIS_PASSWORD:?must be set}")
users=$(mktemp)
sed "s/^user marketcast on /&#$hash /" "$(dirname "$0")/redis-users.acl" >"$users"
if [ -n "${REDIS_ADMIN_PASSWORD:-}" ]; then
  echo "user admin on #$(sha256 "$REDIS_ADMIN_PASSWORD") allkeys allchannels +@all" >>"$users"
fi
unset REDIS_PASSWORD REDIS_ADMIN_PASSWORD
exec redis-server --aclfile "$users" --bind 127.0.0.1 -::1 --save '' --appendonly no "$@"
