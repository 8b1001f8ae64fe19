#!/bin/sh
# Keeps the copy of an environment, with all that is mounted in it, until the file is removed: for people who
# look around in it. What is printed tells Fatbuildr that they may (libs/formats/deb/src/cowbuilder/hold.ts).
set -eu
: > /run/fatbuildr-held
echo 'fatbuildr: the environment is held for a shell'
while [ -e /run/fatbuildr-held ]; do sleep 0.2; done
