/** Debian's own clients, and what installs the plugin beside them. */
export const CLIENT_PACKAGES: readonly string[] = [
  'python3-openstackclient',
  'python3-novaclient',
  'python3-openstacksdk',
  'python3-pip',
  'python3-setuptools',
  'python3-wheel',
  'curl',
];
