/** How `openstack` says who asks. `passwordHash` clouds know the user `admin` of the project `admin`. */
export type ClientLogin = {
  readonly name: 'password' | 'v3password' | 'v3token' | 'admin_token' | 'none';
  readonly environment: Readonly<Record<string, string>>;
};

export const ADMIN_PASSWORD = 'correct horse';

/** For a server with the built-in identity service. */
export function passwordLogin(url: string): ClientLogin {
  return { name: 'password', environment: { ...byPassword(url), OS_AUTH_TYPE: 'password' } };
}

/** For a server with the built-in identity service. */
function v3PasswordLogin(url: string): ClientLogin {
  return { name: 'v3password', environment: { ...byPassword(url), OS_AUTH_TYPE: 'v3password' } };
}

/** A token that `openstack token issue` has given, exchanged for one of the project. */
function v3TokenLogin(url: string, token: string): ClientLogin {
  const { OS_AUTH_URL, OS_PROJECT_NAME, OS_PROJECT_DOMAIN_NAME, OS_REGION_NAME } = byPassword(url);
  const project = { OS_AUTH_URL, OS_PROJECT_NAME, OS_PROJECT_DOMAIN_NAME, OS_REGION_NAME };
  return { name: 'v3token', environment: { ...project, OS_AUTH_TYPE: 'v3token', OS_TOKEN: token } };
}

/** A token as it is, and one endpoint for every service. */
function adminTokenLogin(url: string, token: string): ClientLogin {
  const environment = { OS_AUTH_TYPE: 'admin_token', OS_ENDPOINT: `${url}/v2.1`, OS_TOKEN: token };
  return { name: 'admin_token', environment };
}

/** For a server without an identity service. */
function noLogin(url: string): ClientLogin {
  return { name: 'none', environment: { OS_AUTH_TYPE: 'none', OS_ENDPOINT: `${url}/v2.1` } };
}

/** `token` is one that `openstack token issue` has given; not all ways need it. */
export function loginNamed(name: ClientLogin['name'], url: string, token: string): ClientLogin {
  switch (name) {
    case 'password':
      return passwordLogin(url);
    case 'v3password':
      return v3PasswordLogin(url);
    case 'v3token':
      return v3TokenLogin(url, token);
    case 'admin_token':
      return adminTokenLogin(url, token);
    case 'none':
      return noLogin(url);
  }
}

const byPassword = (url: string) => ({
  OS_AUTH_URL: `${url}/v3`,
  OS_USERNAME: 'admin',
  OS_PASSWORD: ADMIN_PASSWORD,
  OS_PROJECT_NAME: 'admin',
  OS_USER_DOMAIN_NAME: 'Default',
  OS_PROJECT_DOMAIN_NAME: 'Default',
  OS_REGION_NAME: 'RegionOne',
});
