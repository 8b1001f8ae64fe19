#!/bin/sh
# Finishes the root of a new build environment: setup-environment.sh ROOT USER UID
set -eu
root=$1
user=$2
uid=$3

# The one who builds; its home does not exist, as on the builders of Debian.
printf '%s:x:%s:%s:package builder:/nonexistent:/bin/sh\n' "$user" "$uid" "$uid" >> "$root/etc/passwd"
printf '%s:x:%s:\n' "$user" "$uid" >> "$root/etc/group"
printf '%s:!::0:99999:7:::\n' "$user" >> "$root/etc/shadow"
install -d -o "$uid" -g "$uid" -m 0755 "$root/build"

# No daemon may start where packages are built (invoke-rc.d(8)).
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 0755 "$root/usr/sbin/policy-rc.d"
