import { boundedString } from './json-schema-types.ts';

/** Nova says this without naming the field. */
export const INVALID_NAME =
  "An invalid 'name' value was provided. The name must be: printable characters. Can not start or end with whitespace.";

const SPACES = String.raw` \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000`;
// Nova looks at the basic plane only, so a name has no characters beyond it.
const UNPRINTABLE = String.raw`\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\uf8ff\ufeff\ufff0-\ufffb\ufffe\uffff`;

/** What servers, images, flavors and server groups may be called. `/v2` takes spaces around it, and cuts them off. */
export const resourceName = boundedString({ charactersMin: 1, charactersMax: 255 }).regex(
  new RegExp(`^(?![${SPACES}])[^${UNPRINTABLE}]*(?<![${SPACES}])$`),
  { error: INVALID_NAME },
);
