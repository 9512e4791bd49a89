#!/bin/sh
# Debian's MariaDB, with the user, folders and defaults of the public image.
groupadd --system --gid 999 mysql
useradd --system --uid 999 --gid 999 --home-dir /home/mysql --no-create-home --shell /bin/false mysql
apt-get update
apt-get install -y -o Dpkg::Options::=--force-confold mariadb-server-core mariadb-client

# Perl is only for the slow query log's readers and the like.
dpkg --purge --force-depends perl perl-modules-5.36 libperl5.36 libconfig-inifiles-perl

# As the public image has it: from everywhere, as whoever started it, with addresses for names.
sed -Ei 's/^(bind-address|log|user\s)/#&/' /etc/mysql/mariadb.conf.d/*.cnf
printf '[mariadb]\nhost-cache-size = 0\nskip-name-resolve\n' > /etc/mysql/mariadb.conf.d/05-skipcache.cnf
rm -rf /var/lib/mysql /run/mysqld
install -d -o mysql -g mysql -m 1777 /var/lib/mysql /run/mysqld
mkdir -p /docker-entrypoint-initdb.d

apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/log/*
