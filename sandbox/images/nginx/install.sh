#!/bin/sh
# Debian's nginx, with the user, folders and defaults of the public image.
groupadd --system --gid 101 nginx
useradd --system --uid 101 --gid 101 --home-dir /nonexistent --no-create-home --shell /bin/false nginx
apt-get update
apt-get install -y -o Dpkg::Options::=--force-confold nginx
rm -rf /etc/nginx/sites-* /etc/nginx/snippets /etc/nginx/modules-* /var/www /var/log/*
mkdir -p /var/log/nginx /var/cache/nginx /docker-entrypoint.d
ln -s /dev/stdout /var/log/nginx/access.log
ln -s /dev/stderr /var/log/nginx/error.log
# To tell a configuration that somebody mounted from the image's own.
cp /etc/nginx/nginx.conf /etc/nginx/nginx.conf.image

apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/lib/dpkg/*-old
