import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseEventStoreDbUrl, withoutPassword } from '../../adapters/event-store/eventstoredb-url.ts';
import { openEventStore } from '../../adapters/event-store/open-event-store.ts';
import { newEvents, newStream, SetClock } from './event-store.fixture.ts';
import { newServer } from './eventstoredb.fixture.ts';
import { temporaryDirectory } from './sqlite-file.fixture.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl)
  console.log('test/contracts/eventstoredb-url.spec.ts skips TLS: there is no openssl to make a certificate');

describe('the URL of an EventStoreDB', () => {
  it('names one host, several, or a name to look up', () => {
    expect(parseEventStoreDbUrl('esdb://db').settings).toEqual({ endpoint: { address: 'db', port: 2113 } });
    expect(parseEventStoreDbUrl('kurrentdb://a:1,[::1]:2/?nodePreference=readOnlyReplica&gossipTimeout=3')).toEqual({
      settings: {
        endpoints: [
          { address: 'a', port: 1 },
          { address: '[::1]', port: 2 },
        ],
        nodePreference: 'read_only_replica',
        gossipTimeout: 3,
      },
      channel: { insecure: false },
      credentials: undefined,
    });
    expect(parseEventStoreDbUrl('esdb+discover://ops:p%40ss%2F@db:9?tls=false')).toEqual({
      settings: { discover: { address: 'db', port: 9 } },
      channel: { insecure: true },
      credentials: { username: 'ops', password: 'p@ss/' },
    });
  });

  it.each([
    ['esdb://', 'expected esdb://user:password@'],
    ['esdb://ops:se@cret@db', 'percent-encode'],
    ['esdb://ops:se/cret@db', 'percent-encode'],
    ['esdb://ops:secret@db:99999', 'expected esdb://'],
    ['esdb://ops:%@db', 'the password is not percent-encoded'],
    ['esdb+discover://ops:secret@a,b', 'takes one DNS name'],
    ['esdb://ops:secret@db?tls=maybe', 'tls is true or false'],
    ['esdb://ops:secret@db?sercet=1', 'option "sercet" is not known'],
    ['esdb://ops:secret@db?gossipTimeout=soon', 'gossipTimeout is a whole number'],
    ['esdb://ops:secret@db?nodePreference=best', 'nodePreference is leader'],
    ['esdb://ops:secret@db?tlsVerifyCert=false', 'name the CA'],
    ['esdb://ops:secret@db?throwOnAppendFailure=false', 'a wrong revision'],
    ['esdb://ops:secret@db?userCertFile=/a', 'userCertFile and userKeyFile go together'],
    ['esdb://ops:secret@db?tlsCAFile=/nowhere/ca.crt', 'tlsCAFile: ENOENT'],
  ])('is refused when it is wrong, and its password is not told: %s', async (url, said) => {
    const error: unknown = await openEventStore({ key: 'store', url }, new SetClock()).catch(
      (reason: unknown) => reason,
    );
    expect(String(error)).toContain('store: found "');
    expect(String(error)).toContain(said);
    for (let told = error; told instanceof Error; told = told.cause) {
      expect(`${told.stack} ${JSON.stringify(told)}`).not.toMatch(/secret|se@cret|se\/cret/);
    }
  });

  it('is shown without what comes before its last @', () => {
    expect(withoutPassword('esdb://a:b@c/d@e:1?x=y')).toBe('esdb://***@e:1?x=y');
  });
});

describe('openEventStore for an EventStoreDB', () => {
  it('opens events and checkpoints of one server', async () => {
    const server = await newServer();
    const url = server.url.replace('esdb://', 'esdb://ops:secret@');
    const { eventStore, checkpointStore } = await openEventStore({ key: 'store', url }, new SetClock());
    expect(await eventStore.append(newStream(), 'none', newEvents(2))).toMatchObject({ answer: 'appended' });
    await checkpointStore.save('view', 5);
    expect(await checkpointStore.load('view')).toBe(5);
    expect(await eventStore.readAll(0, 10)).toHaveLength(2);
    await eventStore.close();
    await expect(checkpointStore.load('view')).rejects.toThrow('closed');
  });

  it('says at once when the server denies the access', async () => {
    const server = await newServer();
    server.scriptReads('denied');
    const opened = openEventStore({ key: 'store', url: server.url }, new SetClock());
    await expect(opened).rejects.toThrow('EventStoreDB: access denied');
  });

  it.skipIf(!hasOpenssl)(
    'speaks TLS, checked against tlsCAFile, and shows its user and password to the server only',
    async () => {
      const directory = temporaryDirectory();
      const [keyFile, certificateFile] = [join(directory, 'node.key'), join(directory, 'node.crt')];
      const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=node';
      const subject = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', certificateFile];
      execFileSync('openssl', [...request.split(' '), ...subject], { stdio: 'ignore' });
      const server = await newServer({
        tls: { key: readFileSync(keyFile), certificate: readFileSync(certificateFile) },
      });
      const url = `esdb://ops:p%40ss@127.0.0.1:${server.port}?tlsCAFile=${certificateFile}`;
      const { eventStore } = await openEventStore({ key: 'store', url }, new SetClock());
      expect(await eventStore.append(newStream(), 'none', newEvents(1))).toMatchObject({ answer: 'appended' });
      await eventStore.close();
      expect(new Set(server.authorizations)).toEqual(new Set([`Basic ${btoa('ops:p@ss')}`]));
    },
  );
});
