import { isUp } from '../../../domain/service-version/compute-service-state.ts';
import { parameter, route, type ComputeRequest, type ComputeRoute } from '../compute-route.ts';
import { notFound, ok, type HttpAnswer } from '../http-answer.ts';
import type { RouteDependencies } from '../http-dependencies.ts';
import { refuseByPolicy } from '../policy.ts';
import { AVAILABILITY_ZONE, COMPUTE_BINARY } from '../representations/service.ts';
import { truncatedToSeconds, inMicroseconds } from '../time-format.ts';

/** All hosts are of one zone, and there are no aggregates. */
export function availabilityZoneRoutes(dependencies: RouteDependencies): readonly ComputeRoute[] {
  return [
    route('GET', '/os-availability-zone', () => ok({ availabilityZoneInfo: [zone(dependencies, null)] })),
    route('GET', '/os-availability-zone/detail', ({ context }) => {
      const forbidden = refuseByPolicy(context, 'os_compute_api:os-availability-zone:detail');
      return forbidden ?? ok({ availabilityZoneInfo: [zone(dependencies, hosts(dependencies))] });
    }),
    route('GET', '/os-aggregates', ({ context }) => {
      const forbidden = refuseByPolicy(context, 'os_compute_api:os-aggregates:index');
      return forbidden ?? ok({ aggregates: [] });
    }),
    route('GET', '/os-aggregates/:id', (request) => showAggregate(request)),
  ];
}

function showAggregate(request: ComputeRequest): HttpAnswer {
  const forbidden = refuseByPolicy(request.context, 'os_compute_api:os-aggregates:show');
  return forbidden ?? notFound(`Aggregate ${parameter(request, 'id')} could not be found.`);
}

function zone({ views }: RouteDependencies, shownHosts: object | null): object {
  const enabled = views.computeServices.all().some(({ disabled }) => !disabled);
  return { zoneName: AVAILABILITY_ZONE, zoneState: { available: enabled }, hosts: shownHosts };
}

function hosts({ views, clock }: RouteDependencies): object {
  return Object.fromEntries(
    views.computeServices.all().map((service) => {
      const up = isUp(service);
      const updated = inMicroseconds(up ? truncatedToSeconds(clock.now()) : service.updatedAt);
      return [service.host, { [COMPUTE_BINARY]: { available: up, active: !service.disabled, updated_at: updated } }];
    }),
  );
}
