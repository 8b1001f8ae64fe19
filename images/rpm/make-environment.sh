#!/bin/sh
# Makes the root of a build environment, as a tar:
#   make-environment.sh TAR CONFIGURATION USER UID RELEASE MODULES PACKAGE...
# CONFIGURATION is the folder that becomes /etc/fatbuildr: dnf.conf, repositories, keys. MODULES is a list
# with blanks between.
set -eu
export HOME=/root
tar=$1 configuration=$2 user=$3 uid=$4 release=$5 modules=$6
shift 6

root=/environment
# Where most distributions keep the database of packages; Debian's rpm would take the home of its user.
database=/var/lib/rpm
echo "%_dbpath $database" > "$HOME/.rpmmacros"

install -d "$root/dev" "$root/etc"
# Scripts of packages expect them.
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/zero" c 1 5
mknod -m 666 "$root/dev/urandom" c 1 9
cp -rT "$configuration" /etc/fatbuildr

# The plugin "local" keeps packages, which nobody here asked for.
in_root() {
  dnf --config=/etc/fatbuildr/dnf.conf --installroot="$root" --releasever="$release" \
    --disableplugin=local --setopt=cachedir=/tmp/dnf --setopt=install_weak_deps=False \
    --setopt=tsflags=nodocs --assumeyes "$@"
}
for module in $modules; do in_root module enable "$module"; done
in_root install "$@"
cp -rT "$configuration" "$root/etc/fatbuildr"

# The rpm of the distribution reads the database from then on: where it looks for it, in its own format.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
wanted=$(chroot "$root" rpm --eval '%{_dbpath}')
if [ "$(chroot "$root" realpath -m "$wanted")" != "$(chroot "$root" realpath -m "$database")" ]; then
  install -d "$root$wanted"
  mv "$root$database"/* "$root$wanted"
fi
chroot "$root" rpmdb --rebuilddb
if ! chroot "$root" rpm --query rpm > /dev/null; then
  echo "the rpm of this distribution cannot read the database that $(rpm --version) made" >&2
  exit 1
fi

# The one who builds; it has no home.
printf '%s:x:%s:%s:package builder:/nonexistent:/bin/sh\n' "$user" "$uid" "$uid" >> "$root/etc/passwd"
printf '%s:x:%s:\n' "$user" "$uid" >> "$root/etc/group"
printf '%s:!::0:99999:7:::\n' "$user" >> "$root/etc/shadow"
install -d -o "$uid" -g "$uid" -m 0755 "$root/build"

tar --create --file "$tar" --directory "$root" --numeric-owner --xattrs \
  --xattrs-include=security.capability --exclude='./dev/*' .
