export type Link = { readonly rel: string; readonly href: string; readonly type?: string };

/** Where this API is reached, for the links in answers. */
export type Links = {
  /** `http://host:port`, or what the operator configured, without a slash at the end. */
  readonly base: string;
  /** `/v2.1`, or the `/v2` of clients that know no microversions. */
  readonly version: '/v2.1' | '/v2';
  /** As it stands anywhere in the URL of the request; null when it does not. Links repeat it (nova.md A.4). */
  readonly projectInUrl: string | null;
};

/** `path` without a slash at the start. */
export function selfLink({ base, version, projectInUrl }: Links, path: string): string {
  return `${base}${version}/${projectInUrl === null ? '' : `${projectInUrl}/`}${path}`;
}

/** Without the version: what a client may keep for longer than this version of the API lives. */
export function bookmarkLink({ base, projectInUrl }: Links, path: string): string {
  return `${base}/${projectInUrl === null ? '' : `${projectInUrl}/`}${path}`;
}

export function selfAndBookmark(links: Links, path: string): readonly Link[] {
  return [
    { rel: 'self', href: selfLink(links, path) },
    { rel: 'bookmark', href: bookmarkLink(links, path) },
  ];
}

/** Where the image service has an image, as Nova tells it. */
export const imageLink = ({ base }: Links, id: string): string => `${base}/images/${id}`;

/** The same question again, behind the last row of this answer; sorted by name, with the marker at the end. */
export function nextLink(links: Links, path: string, query: URLSearchParams, marker: string): readonly Link[] {
  const next = new URLSearchParams(query);
  next.delete('marker');
  next.sort();
  next.append('marker', marker);
  return [{ rel: 'next', href: `${selfLink(links, path)}?${next.toString()}` }];
}
