#!/bin/sh
# Debian's PostgreSQL, with the user, folders and defaults of the public image.
groupadd --system --gid 999 postgres
useradd --system --uid 999 --gid 999 --home-dir /var/lib/postgresql --shell /bin/bash postgres

mkdir -p /etc/postgresql-common
echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
apt-get update
apt-get install -y -o Dpkg::Options::=--force-confold postgresql-15 libnss-wrapper

# Debian's Perl wrappers choose between versions; here is one. LLVM serves only the JIT, which does without.
dpkg --purge --force-depends perl perl-modules-5.36 libperl5.36 libllvm14 libz3-4 postgresql-common postgresql-client-common ssl-cert
find /usr/bin -xtype l -delete
rm -rf /usr/lib/postgresql/15/lib/bitcode /usr/lib/postgresql/15/lib/llvmjit* /usr/lib/llvm-14 /etc/postgresql /var/lib/postgresql/15

sed -i "s/^#\?listen_addresses = .*/listen_addresses = '*'/" /usr/share/postgresql/15/postgresql.conf.sample
rm -rf /var/run/postgresql
install -d -o postgres -g postgres -m 3777 /var/run/postgresql
install -d -o postgres -g postgres -m 1777 /var/lib/postgresql/data
chown postgres:postgres /var/lib/postgresql
mkdir -p /docker-entrypoint-initdb.d

apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/*
