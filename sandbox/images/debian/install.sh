#!/bin/sh
# The base of the Debian images: without documentation, translations, caches and logs.
apt-get clean
rm -rf /usr/share/doc/* /usr/share/info/* /usr/share/lintian/* /usr/share/locale/* /usr/share/man/*
rm -rf /var/cache/apt/* /var/cache/debconf/*-old /var/lib/apt/lists/* /var/lib/dpkg/*-old /var/log/*
echo 'Acquire::Languages "none";' > /etc/apt/apt.conf.d/small
echo 'APT::Install-Recommends "false";' >> /etc/apt/apt.conf.d/small
