import { z } from 'zod';
import { changing, number, text } from './response-schema.ts';

const named = (names: readonly string[], shape: z.ZodType) => Object.fromEntries(names.map((name) => [name, shape]));

const LIMITS_NAMES = [
  'maxTotalInstances',
  'maxTotalCores',
  'maxTotalRAMSize',
  'maxServerMeta',
  'maxTotalKeypairs',
  'maxServerGroups',
  'maxServerGroupMembers',
  'totalRAMUsed',
  'totalCoresUsed',
  'totalInstancesUsed',
  'totalServerGroupsUsed',
];
const LIMITS_UNTIL_35 = [
  'maxSecurityGroups',
  'maxSecurityGroupRules',
  'maxTotalFloatingIps',
  'totalSecurityGroupsUsed',
  'totalFloatingIpsUsed',
];

/** `GET /limits`. */
export const LIMITS = changing([36, 39, 57], (since) => {
  const names = [
    ...LIMITS_NAMES,
    ...(since(36) ? [] : LIMITS_UNTIL_35),
    ...(since(39) ? [] : ['maxImageMeta']),
    ...(since(57) ? [] : ['maxPersonality', 'maxPersonalitySize']),
  ];
  const limits = z.strictObject({ rate: z.array(z.unknown()), absolute: z.strictObject(named(names, number)) });
  return z.strictObject({ limits });
});

const QUOTAS = ['cores', 'instances', 'key_pairs', 'metadata_items', 'ram', 'server_group_members', 'server_groups'];
const QUOTAS_UNTIL_35 = ['fixed_ips', 'floating_ips', 'security_groups', 'security_group_rules'];
const QUOTAS_UNTIL_56 = ['injected_files', 'injected_file_content_bytes', 'injected_file_path_bytes'];

const quotas = (quota: z.ZodType) =>
  changing([36, 57], (since) => {
    const names = [...QUOTAS, ...(since(36) ? [] : QUOTAS_UNTIL_35), ...(since(57) ? [] : QUOTAS_UNTIL_56)];
    return z.strictObject({ quota_set: z.strictObject({ id: text, ...named(names, quota) }) });
  });

/** `GET /os-quota-sets/{project}`. */
export const QUOTA_SET = quotas(number);
/** `GET /os-quota-sets/{project}/detail`. */
export const QUOTA_SET_DETAIL = quotas(z.strictObject({ limit: number, in_use: number, reserved: number }));
