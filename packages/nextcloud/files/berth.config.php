<?php
// What berth decides of this installation, from the environment of the pod. Nextcloud reads every *.config.php beside config.php.
$CONFIG = [
  'trusted_domains' => explode(' ', getenv('TRUSTED_HOSTS')),
  'trusted_proxies' => array_filter(explode(' ', getenv('TRUSTED_NETWORKS'))),
  'overwrite.cli.url' => getenv('PUBLIC_URL'),
  'overwriteprotocol' => parse_url(getenv('PUBLIC_URL'), PHP_URL_SCHEME),
  'memcache.local' => '\OC\Memcache\APCu',
  'memcache.distributed' => '\OC\Memcache\Redis',
  'memcache.locking' => '\OC\Memcache\Redis',
  // A provider of berth lets each app touch only the keys that begin with its prefix.
  'memcache_customprefix' => (string) getenv('CACHE_PREFIX'),
  'redis' => array_filter([
    'host' => getenv('CACHE_HOST'),
    'port' => (int) getenv('CACHE_PORT'),
    'user' => getenv('CACHE_USER'),
    'password' => getenv('CACHE_PASSWORD'),
  ]),
];
if (getenv('MAIL_HOST')) {
  [$name, $domain] = explode('@', getenv('MAIL_FROM')) + [1 => 'localhost'];
  $CONFIG += [
    'mail_smtpmode' => 'smtp',
    'mail_smtphost' => getenv('MAIL_HOST'),
    'mail_smtpport' => (int) getenv('MAIL_PORT'),
    'mail_smtpsecure' => getenv('MAIL_ENCRYPTION') === 'tls' ? 'ssl' : '',
    'mail_smtpauth' => true,
    'mail_smtpname' => getenv('MAIL_USER'),
    'mail_smtppassword' => getenv('MAIL_PASSWORD'),
    'mail_from_address' => $name,
    'mail_domain' => $domain,
  ];
}
