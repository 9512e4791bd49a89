#!/bin/sh
# Run by the image before it starts, at every start: settings are as they were answered, not as they were at the first install.
set -eu
cp /berth/berth.config.php /var/www/html/config/berth.config.php
