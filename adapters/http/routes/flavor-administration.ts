import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { refusalAnswer } from '../fault-messages.ts';
import { accepted, badRequest, notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { refuseByPolicy } from '../policy.ts';
import { flavorDetail } from '../representations/flavor.ts';
import {
  EXTRA_SPECS_SCHEMA,
  FLAVOR_DESCRIPTION_SCHEMA,
  flavorSchema,
  ONE_EXTRA_SPEC_SCHEMA,
} from '../schemas/flavor-schemas.ts';
import { refuseExtraSpecs } from '../schemas/refuse-extra-specs.ts';
import { validate } from '../schemas/validate.ts';
import { supports } from '../supports.ts';
import { changed } from './find-server.ts';

const ITEM = '/flavors/:id';
const SPECS = `${ITEM}/os-extra_specs` as const;
const SPEC = `${SPECS}/:key` as const;
const DESCRIBED_SINCE = 55;
const CHECKED_SINCE = 86;

/** What administrators do to flavors. A server keeps the flavor it was made of. */
export function flavorAdministrationRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [
    route('POST', '/flavors', (request) => createFlavor(dependencies, request), { bodySchemaAt: flavorSchema }),
    route('PUT', ITEM, (request) => describeFlavor(dependencies, request), {
      since: DESCRIBED_SINCE,
      bodySchemaAt: () => FLAVOR_DESCRIPTION_SCHEMA,
    }),
    route('DELETE', ITEM, (request) => deleteFlavor(dependencies, request)),
    route('GET', `${ITEM}/os-flavor-access`, (request) => listAccess(dependencies, request)),
    route('POST', SPECS, (request) => createSpecs(dependencies, request), { bodySchemaAt: () => EXTRA_SPECS_SCHEMA }),
    route('GET', SPEC, (request) => showSpec(dependencies, request)),
    route('PUT', SPEC, (request) => updateSpec(dependencies, request), { bodySchemaAt: () => ONE_EXTRA_SPEC_SCHEMA }),
    route('DELETE', SPEC, (request) => deleteSpec(dependencies, request)),
  ];
}

async function createFlavor({ computeApi }: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const { context, microversion, links } = request;
  const validated = validate(flavorSchema(microversion), request.body);
  if (!validated.valid) return badRequest(validated.message);
  const forbidden = refuseByPolicy(context, 'os_compute_api:os-flavor-manage:create');
  if (forbidden !== null) return forbidden;
  const wanted = validated.value;
  const answer = await computeApi.flavors.create(context, wanted);
  return answer.accepted
    ? ok({ flavor: flavorDetail(answer.value, links, microversion) })
    : refusalAnswer(answer.refusal, wanted.id ?? '');
}

async function describeFlavor(dependencies: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const { computeApi, flavors } = dependencies;
  const { context, microversion, links } = request;
  const validated = validate(FLAVOR_DESCRIPTION_SCHEMA, request.body);
  if (!validated.valid) return badRequest(validated.message);
  const forbidden = refuseByPolicy(context, 'os_compute_api:os-flavor-manage:update');
  if (forbidden !== null) return forbidden;
  const id = parameter(request, 'id');
  const { description } = validated.value.flavor;
  const answer = await computeApi.flavors.change(context, id, { type: 'DescribeFlavor', description });
  if (!answer.accepted) return refusalAnswer(answer.refusal, id);
  const flavor = flavors.find(id);
  return flavor === null ? flavorNotFound(id) : ok({ flavor: flavorDetail(flavor, links, microversion) });
}

const flavorNotFound = (id: string): HttpAnswer => notFound(`Flavor ${id} could not be found.`);

async function deleteFlavor({ computeApi }: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-flavor-manage:delete');
  if (forbidden !== null) return forbidden;
  const answer = await computeApi.flavors.change(request.context, parameter(request, 'id'), { type: 'DeleteFlavor' });
  return changed(request, answer, accepted);
}

/** Nobody is given access one by one here: a flavor is everybody's, or the administrators'. */
function listAccess({ flavors }: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-flavor-access');
  if (forbidden !== null) return forbidden;
  const id = parameter(request, 'id');
  const flavor = flavors.find(id);
  if (flavor === null) return flavorNotFound(id);
  return flavor.isPublic === false
    ? ok({ flavor_access: [] })
    : notFound('Access list not available for public flavors.');
}

async function createSpecs({ computeApi }: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const validated = validate(EXTRA_SPECS_SCHEMA, request.body);
  if (!validated.valid) return badRequest(validated.message);
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-flavor-extra-specs:create');
  if (forbidden !== null) return forbidden;
  const { extra_specs: extraSpecs } = validated.value;
  const wrong = refuseSpecs(request, extraSpecs);
  if (wrong !== null) return wrong;
  const command = { type: 'SetExtraSpecs', extraSpecs } as const;
  const answer = await computeApi.flavors.change(request.context, parameter(request, 'id'), command);
  return changed(request, answer, () => ok({ extra_specs: extraSpecs }));
}

function showSpec({ flavors }: RouteDependencies, request: ComputeRequest): HttpAnswer {
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-flavor-extra-specs:show');
  if (forbidden !== null) return forbidden;
  const id = parameter(request, 'id');
  const key = parameter(request, 'key');
  const flavor = flavors.find(id);
  if (flavor === null) return flavorNotFound(id);
  const found = Object.entries(flavor.extraSpecs).find(([name]) => name === key);
  return found === undefined
    ? notFound(`Flavor ${id} has no extra specs with key ${key}.`)
    : ok(Object.fromEntries([found]));
}

async function updateSpec({ computeApi }: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const validated = validate(ONE_EXTRA_SPEC_SCHEMA, request.body);
  if (!validated.valid) return badRequest(validated.message);
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-flavor-extra-specs:update');
  if (forbidden !== null) return forbidden;
  const extraSpecs = validated.value;
  const wrong = refuseSpecs(request, extraSpecs);
  if (wrong !== null) return wrong;
  if (!Object.hasOwn(extraSpecs, parameter(request, 'key'))) return badRequest('Request body and URI mismatch');
  const command = { type: 'SetExtraSpecs', extraSpecs } as const;
  const answer = await computeApi.flavors.change(request.context, parameter(request, 'id'), command);
  return changed(request, answer, () => ok(extraSpecs));
}

function refuseSpecs({ microversion }: ComputeRequest, specs: Readonly<Record<string, string>>): HttpAnswer | null {
  const refusal = supports(microversion, CHECKED_SINCE) ? refuseExtraSpecs(specs) : null;
  return refusal === null ? null : badRequest(refusal);
}

async function deleteSpec({ computeApi }: RouteDependencies, request: ComputeRequest): Promise<HttpAnswer> {
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-flavor-extra-specs:delete');
  if (forbidden !== null) return forbidden;
  const command = { type: 'RemoveExtraSpec', key: parameter(request, 'key') } as const;
  const answer = await computeApi.flavors.change(request.context, parameter(request, 'id'), command);
  return changed(request, answer, () => ({ ...ok({}), body: null }));
}
