import { z } from 'zod';
import {
  always,
  changing,
  fieldsWhen,
  flag,
  links,
  microseconds,
  number,
  page,
  seconds,
  text,
  texts,
  uuid,
} from './response-schema.ts';

type Since = (minor: number) => boolean;

const flavorSummary = (since: Since): z.core.$ZodLooseShape => ({
  id: text,
  name: text,
  links,
  ...fieldsWhen(since(55), { description: text.nullable() }),
});
const flavor = (since: Since) =>
  z.strictObject({
    ...flavorSummary(since),
    ram: number,
    disk: number,
    swap: since(75) ? number : z.union([number, z.literal('')]),
    'OS-FLV-EXT-DATA:ephemeral': number,
    'OS-FLV-DISABLED:disabled': flag,
    vcpus: number,
    'os-flavor-access:is_public': flag,
    rxtx_factor: z.number(),
    ...fieldsWhen(since(61), { extra_specs: texts.optional() }),
  });

/** `GET /flavors`. */
export const FLAVORS = changing([55], (since) => page('flavors', z.strictObject(flavorSummary(since))));
/** `GET /flavors/detail`. */
export const FLAVORS_DETAIL = changing([55, 61, 75], (since) => page('flavors', flavor(since)));
/** `GET /flavors/{id}`, and what its creation and its change answer. */
export const FLAVOR = changing([55, 61, 75], (since) => z.strictObject({ flavor: flavor(since) }));
export const EXTRA_SPECS = always({ extra_specs: texts });
/** One of them, by its own name. */
export const EXTRA_SPEC = (
  () => () =>
    texts
)();
export const FLAVOR_ACCESS = always({
  flavor_access: z.array(z.strictObject({ flavor_id: text, tenant_id: text })),
});

const imageSummary = { id: uuid, name: text, links };
const image = z.strictObject({
  ...imageSummary,
  minRam: number,
  minDisk: number,
  metadata: texts,
  created: seconds,
  updated: seconds,
  status: text,
  progress: number,
  'OS-EXT-IMG-SIZE:size': number,
});
/** `GET /images`, below 2.36 as all of the image proxy. */
export const IMAGES = always({ images: z.array(z.strictObject(imageSummary)), images_links: links.optional() });
export const IMAGES_DETAIL = always({ images: z.array(image), images_links: links.optional() });
export const IMAGE = always({ image });

const keyPair = (since: Since): z.core.$ZodLooseShape => ({
  name: text,
  public_key: text,
  fingerprint: text,
  ...fieldsWhen(since(2), { type: z.enum(['ssh', 'x509']) }),
});
/** `GET /os-keypairs`. */
export const KEY_PAIRS = changing([2, 35], (since) =>
  page('keypairs', z.strictObject({ keypair: z.strictObject(keyPair(since)) })),
);
/** `GET /os-keypairs/{name}`. */
export const KEY_PAIR = changing([2], (since) =>
  z.strictObject({
    keypair: z.strictObject({
      ...keyPair(since),
      user_id: text,
      id: number,
      deleted: flag,
      created_at: microseconds,
      updated_at: microseconds.nullable(),
      deleted_at: microseconds.nullable(),
    }),
  }),
);
/** `POST /os-keypairs`: with the private key where this program has made it. */
export const KEY_PAIR_MADE = changing([2], (since) =>
  z.strictObject({ keypair: z.strictObject({ ...keyPair(since), user_id: text, private_key: text.optional() }) }),
);

const serverGroup = (since: Since) =>
  z.strictObject({
    id: uuid,
    name: text,
    members: z.array(uuid),
    ...(since(64)
      ? { policy: text, rules: z.strictObject({ max_server_per_host: number.optional() }) }
      : { policies: z.array(text), metadata: texts }),
    ...fieldsWhen(since(13), { project_id: text, user_id: text }),
  });
/** `GET /os-server-groups`. */
export const SERVER_GROUPS = changing([13, 64], (since) =>
  z.strictObject({ server_groups: z.array(serverGroup(since)) }),
);
export const SERVER_GROUP = changing([13, 64], (since) => z.strictObject({ server_group: serverGroup(since) }));

const extension = z.strictObject({
  name: text,
  alias: text,
  namespace: text,
  updated: text,
  description: text,
  links,
});
export const EXTENSIONS = always({ extensions: z.array(extension) });
export const EXTENSION = always({ extension });
