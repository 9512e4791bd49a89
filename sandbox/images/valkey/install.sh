#!/bin/sh
# Valkey of Debian's backports, with the user, folders and defaults of the public image.
groupadd --system --gid 999 valkey
useradd --system --uid 999 --gid 999 --home-dir /data --no-create-home --shell /bin/false valkey
sed 's/ bookworm / bookworm-backports /' /etc/apt/sources.list > /etc/apt/sources.list.d/backports.list
apt-get update
apt-get install -y -t bookworm-backports -o Dpkg::Options::=--force-confold valkey-tools
rm -rf /etc/valkey /etc/apt/sources.list.d/backports.list
# Which of its programs it is, it sees by its name.
ln -sf valkey-check-rdb /usr/bin/valkey-server
install -d -o valkey -g valkey -m 0777 /data

apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/*
