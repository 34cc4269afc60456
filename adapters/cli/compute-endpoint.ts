import { z } from 'zod';

const DEADLINE_MS = 30_000;
const LOOPBACK = 'http://127.0.0.1:8774/v2.1';

export type ComputeEndpoint = {
  /** With `/v2.1` and without a slash at the end. */
  readonly url: string;
  /** Null where nobody asks for one. */
  readonly token: string | null;
};

const tokenSchema = z.looseObject({
  token: z.looseObject({
    catalog: z
      .array(
        z.looseObject({
          type: z.string(),
          endpoints: z.array(z.looseObject({ interface: z.string(), region: z.string().nullish(), url: z.url() })),
        }),
      )
      .default([]),
  }),
});

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the Compute API is and with which token, by the variables that `openstack` reads too: OS_ENDPOINT with OS_TOKEN,
 * or OS_AUTH_URL with a user and a project; without any of them the one on this machine. Throws a sentence for the
 * operator, which never holds the password.
 */
export async function computeEndpoint(environment: Environment): Promise<ComputeEndpoint> {
  const { OS_ENDPOINT: endpoint, OS_AUTH_URL: authUrl, OS_TOKEN: token = null } = environment;
  if (endpoint !== undefined && endpoint !== '') return { url: endpoint.replace(/\/+$/, ''), token };
  if (authUrl === undefined || authUrl === '') return { url: LOOPBACK, token };
  const response = await fetch(`${authUrl.replace(/\/+$/, '')}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: authOf(environment) }),
    redirect: 'error',
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).catch((error: unknown) => {
    throw new Error(`OS_AUTH_URL ${authUrl} cannot be reached`, { cause: error });
  });
  const issued = response.headers.get('x-subject-token');
  if (response.status !== 201 || issued === null) {
    throw new Error(
      `OS_AUTH_URL ${authUrl} gives no token (${response.status}); check OS_USERNAME, OS_PASSWORD and OS_PROJECT_NAME`,
    );
  }
  const { token: facts } = tokenSchema.parse(await response.json());
  const wanted = { region: environment['OS_REGION_NAME'], access: environment['OS_INTERFACE'] ?? 'public' };
  const found = facts.catalog
    .filter(({ type }) => type === 'compute')
    .flatMap(({ endpoints }) => endpoints)
    .find((one) => one.interface === wanted.access && (wanted.region === undefined || one.region === wanted.region));
  if (found === undefined) throw new Error('the catalog names no compute service for this project and region');
  return { url: found.url.replace(/\/+$/, ''), token: issued };
}

function authOf(environment: Environment): object {
  const {
    OS_USERNAME: name,
    OS_PASSWORD: password,
    OS_PROJECT_NAME: project,
    OS_PROJECT_ID: projectId,
    OS_TOKEN: token,
    OS_USER_DOMAIN_NAME: userDomain = 'Default',
    OS_PROJECT_DOMAIN_NAME: projectDomain = 'Default',
  } = environment;
  const scope =
    projectId === undefined
      ? { project: { name: project ?? '', domain: { name: projectDomain } } }
      : { project: { id: projectId } };
  if (token !== undefined) return { identity: { methods: ['token'], token: { id: token } }, scope };
  if (name === undefined || password === undefined) {
    throw new Error('OS_AUTH_URL is set; OS_USERNAME and OS_PASSWORD, or OS_TOKEN, are needed too');
  }
  const user = { name, domain: { name: userDomain }, password };
  return { identity: { methods: ['password'], password: { user } }, scope };
}
