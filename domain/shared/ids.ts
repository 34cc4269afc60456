import type { Brand } from './brand.ts';

export type InstanceId = Brand<string, 'InstanceId'>;
export type MigrationId = Brand<string, 'MigrationId'>;
export type ImageId = Brand<string, 'ImageId'>;
export type ComputeServiceId = Brand<string, 'ComputeServiceId'>;
export type ServerGroupId = Brand<string, 'ServerGroupId'>;
/** A compute host's name as operators write it: 1 to 255 of letters, digits, `-`, `.` and `_` (Nova's os-migrateLive schema). */
export type HostName = Brand<string, 'HostName'>;
/** OpenStack's `req-<uuid>`: names the request in headers, instance actions and event metadata. */
export type RequestId = Brand<string, 'RequestId'>;
export type ProjectId = Brand<string, 'ProjectId'>;
export type UserId = Brand<string, 'UserId'>;
/** One counter for all compute services, +1 for each feature the API must wait for. */
export type ServiceVersion = Brand<number, 'ServiceVersion'>;
/** ISO 8601 in UTC with milliseconds. A string, since events are JSON. */
export type Instant = Brand<string, 'Instant'>;

// The only casts in domain/: callers at the edges have validated the text with zod before they name it.
export const instanceId = (text: string): InstanceId => text as InstanceId;
export const migrationId = (text: string): MigrationId => text as MigrationId;
export const imageId = (text: string): ImageId => text as ImageId;
export const computeServiceId = (text: string): ComputeServiceId => text as ComputeServiceId;
export const serverGroupId = (text: string): ServerGroupId => text as ServerGroupId;
export const hostName = (text: string): HostName => text as HostName;
export const requestId = (text: string): RequestId => text as RequestId;
export const projectId = (text: string): ProjectId => text as ProjectId;
export const userId = (text: string): UserId => text as UserId;
export const serviceVersion = (number: number): ServiceVersion => number as ServiceVersion;
export const instant = (text: string): Instant => text as Instant;
