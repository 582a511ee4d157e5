import { expect, test } from 'vitest';
import { run } from '../harness.ts';

test('a created trunk tells its password once, and both of its identifiers', async () => {
  await using api = await run();
  const { status, json } = await api.post('/portal/sip-trunks', { name: 'Acme Corp', auth_type: 'digest' });
  expect(status).toBe(201);
  expect(json.data).toEqual({
    id: 21,
    uuid: expect.stringMatching(/^trk_[0-9a-f]{12}$/),
    name: 'Acme Corp',
    sip_server: 'sip.didfarm.com',
    username: expect.stringMatching(/^acme_\w{5}$/),
    password: expect.stringMatching(/^\w{24}$/),
    status: 'provisioning',
  });
  const listed = await api.get('/portal/sip-trunks');
  expect(listed.json.meta.total).toBe(21);
  expect(listed.text).not.toContain(String(json.data.password));
});

test('regenerated credentials are new, and the client’s PBX is disconnected', async () => {
  await using api = await run();
  const trunk = api.sandbox.control.world.trunks.all().find(({ status }) => status === 'registered');
  const path = `/portal/sip-trunks/${trunk?.uuid}/regenerate-credentials`;
  const first = await api.post(path);
  const second = await api.post(path);
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(first.json.data).toMatchObject({ uuid: trunk?.uuid, name: trunk?.name, status: 'offline' });
  expect(first.json.data.password).not.toBe(second.json.data.password);
  expect(first.json.data.username).not.toBe(trunk?.username);
  expect((await api.post('/portal/sip-trunks/trk_none/regenerate-credentials')).status).toBe(404);
});

test.each([
  [{ auth_type: 'digest' }, 'name'],
  [{ name: ' ', auth_type: 'digest' }, 'name'],
  [{ name: 'Acme', auth_type: 'magic' }, 'auth_type'],
])('a trunk from %j is refused with a message for its field', async (body, field) => {
  await using api = await run();
  const { status, json } = await api.post('/portal/sip-trunks', body);
  expect([status, json.error.code]).toEqual([422, 'validation_error']);
  expect(Object.keys(json.error.fields)).toEqual([field]);
  expect(api.sandbox.control.world.trunks.all()).toHaveLength(20);
});

test('a number is routed to a trunk by the integers of both', async () => {
  await using api = await run();
  const { status, json } = await api.post('/portal/did-routing', { did_number_id: 42, sip_trunk_id: 7 });
  const { numbers, trunks } = api.sandbox.control.world;
  expect(status).toBe(200);
  expect(json.data).toEqual({
    did_number_id: 42,
    sip_trunk_id: 7,
    number: numbers.byId(42)?.e164,
    trunk_uuid: trunks.byId(7)?.uuid,
  });
  expect(numbers.byId(42)?.trunkId).toBe(7);
});

test.each([
  [{ did_number_id: 4711, sip_trunk_id: 7 }, 404, 'not_found'],
  [{ did_number_id: 42, sip_trunk_id: 4711 }, 404, 'not_found'],
  [{ did_number_id: 'x', sip_trunk_id: 7 }, 422, 'validation_error'],
  [{ sip_trunk_id: 7 }, 422, 'validation_error'],
])('a routing of %j is refused', async (body, status, code) => {
  await using api = await run();
  const before = api.sandbox.control.world.numbers.byId(42);
  const refused = await api.post('/portal/did-routing', body);
  expect([refused.status, refused.json.error.code]).toEqual([status, code]);
  expect(api.sandbox.control.world.numbers.byId(42)).toEqual(before);
});

test('a released number is routed nowhere', async () => {
  await using api = await run();
  await api.post('/__sandbox/number', { did_number_id: 42, action: 'release' });
  const refused = await api.post('/portal/did-routing', { did_number_id: 42, sip_trunk_id: 7 });
  expect([refused.status, refused.json.error.code]).toEqual([422, 'number_released']);
  expect(api.sandbox.control.world.numbers.byId(42)?.trunkId).toBeNull();
});

test('several trunks carry one client’s name, at times spelled otherwise', async () => {
  await using api = await run();
  const names = api.sandbox.control.world.trunks.all().map(({ name }) => name);
  const clients = new Set(names.map((name) => name.trim().toLowerCase()));
  expect(clients.size).toBeLessThan(names.length);
  expect(new Set(names).size).toBeGreaterThan(clients.size);
});
