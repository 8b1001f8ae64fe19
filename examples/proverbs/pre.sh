#!/bin/bash
# Fetches what the program is written with, and keeps it as a further source of the package.
#PRESCRIPT_TARBALLS vendor
set -eu

DL https://downloads.acme.example/says-0.3.tar /tmp/says.tar
rm -rf vendor
mkdir vendor
tar --extract --file /tmp/says.tar --directory vendor
