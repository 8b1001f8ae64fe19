#!/bin/sh
# Lists what each package holds: list-contents.sh PACKAGE...
set -eu
for package; do
  printf '%s\n' "${package##*/}:"
  dpkg-deb --contents "$package"
done
