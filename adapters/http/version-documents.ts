import { MAXIMUM_MICROVERSION, MINIMUM_MICROVERSION } from '../../domain/service-version/microversion.ts';
import { textOf } from './microversion-header.ts';

type ApiVersion = {
  readonly id: 'v2.0' | 'v2.1';
  readonly path: '/v2' | '/v2.1';
  readonly status: 'DEPRECATED' | 'CURRENT';
  readonly version: string;
  readonly minimum: string;
  readonly updated: string;
  readonly mediaVersion: string;
};

export const V2_0: ApiVersion = {
  id: 'v2.0',
  path: '/v2',
  status: 'DEPRECATED',
  version: '',
  minimum: '',
  updated: '2025-07-04T12:00:00Z',
  mediaVersion: '2',
};

export const V2_1: ApiVersion = {
  id: 'v2.1',
  path: '/v2.1',
  status: 'CURRENT',
  version: textOf(MAXIMUM_MICROVERSION),
  minimum: textOf(MINIMUM_MICROVERSION),
  updated: '2013-07-23T11:33:21Z',
  mediaVersion: '2.1',
};

/** The oldest first: clients rely on the order (nova.md A.4). */
const VERSIONS: readonly ApiVersion[] = [V2_0, V2_1];

const summary = ({ id, status, version, minimum, updated }: ApiVersion) => ({
  id,
  status,
  version,
  min_version: minimum,
  updated,
});

const mediaTypes = ({ mediaVersion }: ApiVersion) => [
  { base: 'application/json', type: `application/vnd.openstack.compute+json;version=${mediaVersion}` },
];

/** `GET /`. `base` is the address of the API without a slash at the end. */
export function versionsDocument(base: string): object {
  return {
    versions: VERSIONS.map((version) => ({
      ...summary(version),
      links: [{ rel: 'self', href: `${base}${version.path}/` }],
    })),
  };
}

/** `GET /v2.1` and `GET /v2`: what clients read before they choose a microversion. */
export function versionDocument(version: ApiVersion, base: string): object {
  return {
    version: {
      ...summary(version),
      links: [
        { rel: 'self', href: `${base}${version.path}/` },
        { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' },
      ],
      'media-types': mediaTypes(version),
    },
  };
}

/** The body of 300: where the path would be in each version. */
export function versionChoices(base: string, path: string): object {
  return {
    choices: VERSIONS.map((version) => ({
      id: version.id,
      status: version.status,
      links: [{ rel: 'self', href: `${base}${version.path}${path}` }],
      'media-types': mediaTypes(version),
    })),
  };
}
