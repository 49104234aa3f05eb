#!/bin/sh
# Starts Redis with the users of redis-users.acl. The password of user marketcast comes from REDIS_PASSWORD; Redis is
# given its SHA-256 only. Nothing is kept on disk: nodes bring back what they hold. Arguments are passed on to Redis.
set -eu
hash=$(printf %s "${REDIS_PASSWORD:?must be set}" | sha256sum | cut -c 1-64)
users=$(mktemp)
sed "s/^user marketcast on /&#$hash /" "$(dirname "$0")/redis-users.acl" >"$users"
unset REDIS_PASSWORD
exec redis-server --aclfile "$users" --save '' --appendonly no "$@"
