import { readFileSync } from 'node:fs';
import type { LibvirtEndpoint } from '../libvirt/rpc/transport.ts';
import type { ConfiguredHost } from './configuration.ts';

const DEFAULT_PORT = { tcp: 16_509, tls: 16_514 } as const;

/** Throws an Error that names the host's key when a file of the TLS triple cannot be read. */
export function libvirtEndpoint({ name, libvirt, tls }: ConfiguredHost): LibvirtEndpoint {
  if (libvirt.startsWith('unix:')) return { kind: 'unix', path: libvirt.slice('unix:'.length) };
  const url = new URL(libvirt);
  const kind = url.protocol === 'tls:' ? 'tls' : 'tcp';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? DEFAULT_PORT[kind] : Number(url.port);
  if (kind === 'tcp') return { kind, host, port };
  if (tls === null) {
    throw new Error(
      `hosts.${name}.tls: found nothing; expected the files ca, certificate and key, which ${libvirt} needs`,
    );
  }
  const read = (key: 'ca' | 'certificate' | 'key'): Buffer => {
    try {
      return readFileSync(tls[key]);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`hosts.${name}.tls.${key}: found ${tls[key]}; expected a readable PEM file (${reason})`, {
        cause: error,
      });
    }
  };
  return { kind, host, port, ca: read('ca'), cert: read('certificate'), key: read('key') };
}
