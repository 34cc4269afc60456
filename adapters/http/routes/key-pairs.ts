import { userId, type UserId } from '../../../domain/shared/ids.ts';
import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { refusalAnswer } from '../fault-messages.ts';
import { accepted, badRequest, created, fault, noContent, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { nextLink } from '../links.ts';
import { pageOf } from '../page.ts';
import { refuseQuery } from '../query-rules.ts';
import { keyPairDetail, keyPairSummary } from '../representations/key-pair.ts';
import { keyPairSchema, type KeyPairBody } from '../schemas/key-pair-schema.ts';
import { validate } from '../schemas/validate.ts';
import { generateSshKeyPair, readPublicKey, type ReadPublicKey } from '../ssh-public-key.ts';
import { supports } from '../supports.ts';

const TYPED_SINCE = 2;
const OTHER_USERS_SINCE = 10;
const PAGED_SINCE = 35;
const STRICT_SINCE = 75;

export function keyPairRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [
    route('GET', '/os-keypairs', (request) => listKeyPairs(dependencies, request)),
    route('POST', '/os-keypairs', (request) => createKeyPair(dependencies, request), { bodySchemaAt: keyPairSchema }),
    route('GET', '/os-keypairs/:id', (request) => showKeyPair(dependencies, request)),
    route('DELETE', '/os-keypairs/:id', (request) => deleteKeyPair(dependencies, request)),
  ];
}

type Operation = 'index' | 'show' | 'create' | 'delete';
type Owner =
  { readonly answer: 'owner'; readonly user: UserId } | { readonly answer: 'refused'; readonly with: HttpAnswer };

/** Everybody has key pairs of his own, whatever his roles; another user's are an administrator's business. */
function ownerOf({ context, microversion }: ComputeRequest, operation: Operation, named: string | null): Owner {
  const user = named === null || !supports(microversion, OTHER_USERS_SINCE) ? context.userId : userId(named);
  return user === context.userId || context.isAdmin
    ? { answer: 'owner', user }
    : {
        answer: 'refused',
        with: fault(403, `Policy doesn't allow os_compute_api:os-keypairs:${operation} to be performed.`),
      };
}

function refuseKeyPairQuery({ query, microversion }: ComputeRequest, paged: boolean): HttpAnswer | null {
  const known = [
    ...(supports(microversion, OTHER_USERS_SINCE) ? ['user_id'] : []),
    ...(paged && supports(microversion, PAGED_SINCE) ? ['limit', 'marker'] : []),
  ];
  return refuseQuery(query, { known, strictSince: STRICT_SINCE }, microversion);
}

function listKeyPairs({ views }: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const { query, microversion, links } = request;
  const wrong = refuseKeyPairQuery(request, true);
  if (wrong !== null) return wrong;
  const owner = ownerOf(request, 'index', query.get('user_id'));
  if (owner.answer === 'refused') return owner.with;
  const rows = views.keyPairs.ofUser(owner.user);
  const paging = supports(microversion, PAGED_SINCE) ? query : new URLSearchParams();
  const page = pageOf(rows, paging, ({ name }) => name);
  if (page.answer === 'markerNotFound') return badRequest(`marker [${page.marker}] not found`);
  const next =
    page.next === null || !paging.has('limit')
      ? {}
      : { keypairs_links: nextLink(links, 'os-keypairs', query, page.next) };
  return ok({ keypairs: page.rows.map((row) => ({ keypair: keyPairSummary(row, microversion) })), ...next });
}

function showKeyPair({ views }: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const wrong = refuseKeyPairQuery(request, false);
  if (wrong !== null) return wrong;
  const owner = ownerOf(request, 'show', request.query.get('user_id'));
  if (owner.answer === 'refused') return owner.with;
  const row = views.keyPairs.find(owner.user, parameter(request, 'id'));
  return row === null
    ? keyPairNotFound(request, owner.user)
    : ok({ keypair: keyPairDetail(row, request.microversion) });
}

const keyPairNotFound = (request: ComputeRequest, user: UserId): HttpAnswer =>
  notFound(`Keypair ${parameter(request, 'id')} not found for user ${user}`);

async function createKeyPair(dependencies: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const { context, microversion } = request;
  const validated = validate(keyPairSchema(microversion), request.body);
  if (!validated.valid) return badRequest(validated.message);
  const { keyType, userId: named } = validated.value;
  const name = validated.value.name.trim();
  const owner = ownerOf(request, 'create', named);
  if (owner.answer === 'refused') return owner.with;
  const unsafe = unsafeName(name, request);
  if (unsafe !== null) return badRequest(`Keypair data is invalid: ${unsafe}`);
  const made = await publicKeyOf(validated.value);
  if (made.answer === 'refused') return badRequest(`Keypair data is invalid: ${made.reason}`);
  const { publicKey, fingerprint } = made.key;
  const keyPair = { userId: owner.user, name, keyType, publicKey, fingerprint };
  const answer = await dependencies.computeApi.keyPairs.create(context, keyPair);
  if (!answer.accepted) return refusalAnswer(answer.refusal, name);
  const told = {
    name,
    public_key: publicKey,
    fingerprint,
    user_id: owner.user,
    ...(supports(microversion, TYPED_SINCE) ? { type: keyType } : {}),
    ...(made.privateKey === null ? {} : { private_key: made.privateKey }),
  };
  return supports(microversion, TYPED_SINCE) ? created({ keypair: told }) : ok({ keypair: told });
}

const SAFE_NAME = /^[A-Za-z0-9_ -]+$/;
const SAFE_NAME_SINCE_2_92 = /^[A-Za-z0-9_ @.-]+$/;

function unsafeName(name: string, { microversion }: ComputeRequest): string | null {
  if (name === '') return 'Keypair name must be string and between 1 and 255 characters long';
  const safe = supports(microversion, 92) ? SAFE_NAME_SINCE_2_92 : SAFE_NAME;
  return safe.test(name) ? null : 'Keypair name contains unsafe characters';
}

type Made =
  | { readonly answer: 'made'; readonly key: ReadPublicKey; readonly privateKey: string | null }
  | { readonly answer: 'refused'; readonly reason: string };

async function publicKeyOf({ publicKey, keyType }: KeyPairBody): Promise<Made> {
  if (publicKey !== null) {
    const key = readPublicKey(publicKey, keyType);
    return key === null
      ? { answer: 'refused', reason: 'failed to generate fingerprint' }
      : { answer: 'made', key, privateKey: null };
  }
  if (keyType === 'x509') return { answer: 'refused', reason: 'certificates are only imported here' };
  const { privateKey, ...key } = await generateSshKeyPair();
  return { answer: 'made', key, privateKey };
}

async function deleteKeyPair({ computeApi }: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const { context, query, microversion } = request;
  const wrong = refuseKeyPairQuery(request, false);
  if (wrong !== null) return wrong;
  const owner = ownerOf(request, 'delete', query.get('user_id'));
  if (owner.answer === 'refused') return owner.with;
  const answer = await computeApi.keyPairs.delete(context, owner.user, parameter(request, 'id'));
  if (answer.accepted) return supports(microversion, TYPED_SINCE) ? noContent() : accepted();
  return answer.refusal.reason === 'KeyPairNotFound'
    ? keyPairNotFound(request, owner.user)
    : refusalAnswer(answer.refusal, parameter(request, 'id'));
}
