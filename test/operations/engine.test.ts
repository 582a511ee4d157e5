import { expect, test } from 'vitest';
import { accountId, accountScope } from '../../src/access/viewer.ts';
import type { Mutation } from '../../src/operations/engine.ts';
import { eachDatabase } from '../support/databases.ts';
import { keyOfSending, makeTrunk, recordOf, startActing } from './support/acting.ts';

const making = 'POST /portal/sip-trunks';
const input = { name: 'Acme Corp Noord' };

eachDatabase('the engine', (open, { durable, url }) => {
  test('sends a thousand repeats of one key at the same instant once, and tells the secret once', async () => {
    await using acting = await startActing();
    const { engine } = acting.start(await open());
    const sending = {
      viewer: 'anna',
      scope: accountScope(accountId('main')),
      idempotencyKey: 'one',
      input,
      onSent: () => undefined,
    };

    const settled = await acting.clock.through(
      Promise.all(Array.from({ length: 1_000 }, () => engine.perform(makeTrunk, sending))),
    );

    expect(acting.calls(making)).toBe(1);
    const uuid = acting.sandbox.control.world.trunks.all().at(-1)?.uuid;
    expect(new Set(settled.map((each) => each.status === 'SUCCEEDED' && each.result.uuid))).toEqual(new Set([uuid]));
    expect(settled.filter((each) => each.status === 'SUCCEEDED' && each.secret !== null)).toHaveLength(1);
  });

  test('records an operation before it is sent, and with its result afterwards', async () => {
    await using acting = await startActing();
    const storage = await open();
    const { send } = acting.start(storage);
    const during: unknown[] = [];
    const watched: typeof makeTrunk = {
      ...makeTrunk,
      run: (operation, given) =>
        makeTrunk.run(
          {
            ...operation,
            step: (step) =>
              operation.step({
                ...step,
                send: async (call) => {
                  during.push(await recordOf(storage, keyOfSending('k')));
                  return step.send(call);
                },
              }),
          },
          given,
        ),
    };

    await send(watched, 'k', input);

    expect(during).toMatchObject([
      { mutation: 'makeTrunk', status: 'PENDING', finished_at: null, steps: [{ name: 'make', status: 'PENDING' }] },
    ]);
    const after = await recordOf(storage, keyOfSending('k'));
    expect(after).toMatchObject({
      status: 'SUCCEEDED',
      finished_at: acting.clock.now(),
      steps: [{ status: 'SUCCEEDED' }],
    });
    expect(JSON.stringify(after)).not.toContain('password');
  });

  test('answers a key that ended from its record, also after a restart', async () => {
    await using acting = await startActing();
    const address = durable ? await url() : undefined;
    const storage = await open(address);
    const first = await acting.start(storage).send(makeTrunk, 'k', input);
    if (address !== undefined) await storage.close();

    const again = await acting.start(address === undefined ? storage : await open(address)).send(makeTrunk, 'k', input);

    expect(again).toEqual({ ...first, secret: null });
    expect(acting.calls(making)).toBe(1);
  });

  test('refuses the same key with another input, also while the first is under way', async () => {
    await using acting = await startActing();
    const { send } = acting.start(await open());

    const [first, other] = await Promise.all([send(makeTrunk, 'k', input), send(makeTrunk, 'k', { name: 'Other' })]);
    const later = await send({ ...makeTrunk, name: 'anotherMutation' }, 'k', input);

    expect(first.status).toBe('SUCCEEDED');
    for (const refused of [other, later])
      expect(refused).toMatchObject({
        status: 'FAILED',
        failure: { type: 'ValidationError', code: 'IDEMPOTENCY_KEY_REUSED', fields: [{ path: 'idempotencyKey' }] },
      });
    expect(acting.calls(making)).toBe(1);
  });

  test('keeps the keys of two viewers and of two accounts apart', async () => {
    await using acting = await startActing();
    const storage = await open();
    const main = acting.start(storage);
    const branch = acting.start(storage, 'branch');

    const settled = [
      await main.send(makeTrunk, 'k', input, 'anna'),
      await main.send(makeTrunk, 'k', { name: 'Bert' }, 'bert'),
      await branch.send(makeTrunk, 'k', { name: 'Branch' }, 'anna'),
    ];

    expect(settled.map((each) => each.status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
    expect(acting.calls(making)).toBe(3);
  });

  test('answers a refusal from the record, and tries again where nothing was processed', async () => {
    await using acting = await startActing();
    const { send } = acting.start(await open());
    const { faults } = acting.sandbox.control;
    const refusing = faults.add({ kind: 'status', status: 422, code: 'name_taken', path: '/portal/sip-trunks' });
    const final = await send(makeTrunk, 'final', input);
    refusing();
    const forbidding = faults.add({ kind: 'status', status: 401, path: '/portal/sip-trunks' });
    const retryable = await send(makeTrunk, 'again', input);
    forbidding();

    expect(final).toMatchObject({ status: 'FAILED', failure: { code: 'NAME_TAKEN' } });
    expect(await send(makeTrunk, 'final', input)).toEqual(final);
    expect(retryable).toMatchObject({ status: 'FAILED', failure: { code: 'CONFIGURATION', retryable: true } });
    expect(await send(makeTrunk, 'again', input)).toMatchObject({ status: 'SUCCEEDED' });
    expect(acting.calls(making)).toBe(3);
  });

  test('never sends again what was sent and not answered', async () => {
    await using acting = await startActing();
    const storage = await open();
    const process = acting.start(storage);
    acting.sandbox.control.faults.add({ kind: 'cut-after', method: 'POST', times: 1 });

    const settled = await process.send(makeTrunk, 'k', input);

    expect(settled).toMatchObject({ status: 'UNKNOWN' });
    expect(await process.send(makeTrunk, 'k', input)).toMatchObject({ status: 'UNKNOWN' });
    expect(await acting.start(storage).send(makeTrunk, 'k', input)).toMatchObject({ status: 'UNKNOWN' });
    expect(await recordOf(storage, keyOfSending('k'))).toMatchObject({
      status: 'UNKNOWN',
      steps: [{ status: 'UNKNOWN' }],
    });
    expect(process.lost()).toBeGreaterThan(0);
    expect(acting.calls(making)).toBe(1);
  });

  test('ends a question that failed before anything was sent as a failure that may be tried again', async () => {
    await using acting = await startActing();
    const { send } = acting.start(await open());
    const asking: Mutation<object, string> = {
      name: 'asking',
      async run({ account }) {
        return {
          result: (await account.didfarm.readBalance({ priority: 'ask', deadline: account.clock.now() + 5_000 }))
            .balance,
        };
      },
    };
    const broken = acting.sandbox.control.faults.add({ kind: 'html', path: '/wallet/balance' });

    expect(await send(asking, 'k', {})).toMatchObject({
      status: 'FAILED',
      failure: { type: 'UpstreamError', retryable: true },
    });
    broken();
    expect(await send(asking, 'k', {})).toMatchObject({ status: 'SUCCEEDED', result: '142.50' });
  });

  test('records an answer at a later attempt where the database stumbles, and does not send it again', async () => {
    await using acting = await startActing();
    const storage = await open();
    const { send } = acting.start(storage);
    let failures = 0;
    const stumbling: Mutation<{ readonly name: string }, string> = {
      name: 'stumbling',
      run: (operation, { name }) =>
        operation.step({
          name: 'make',
          send: (call) => operation.account.didfarm.createTrunk({ name, authType: 'digest' }, call),
          apply: async (_trx, made) => {
            failures += 1;
            if (failures <= 2) throw new Error('disk full');
            return made.name;
          },
        }),
    };

    expect(await send(stumbling, 'k', input)).toMatchObject({ status: 'SUCCEEDED', result: input.name });
    failures = -100;
    expect(await send(stumbling, 'k', input)).toMatchObject({ status: 'SUCCEEDED', result: input.name });
    expect(acting.calls(making)).toBe(1);
  });

  test('knows that it does not know where an answer can never be recorded', async () => {
    await using acting = await startActing();
    const storage = await open();
    const { send } = acting.start(storage);
    const failing: typeof makeTrunk = {
      ...makeTrunk,
      run: (operation, given) =>
        makeTrunk.run(
          {
            ...operation,
            step: (step) => operation.step({ ...step, apply: () => Promise.reject(new Error('disk full')) }),
          },
          given,
        ),
    };

    expect(await send(failing, 'k', input)).toMatchObject({ status: 'UNKNOWN' });
    expect(await send(makeTrunk, 'k', input)).toMatchObject({ status: 'UNKNOWN' });
    expect(await recordOf(storage, keyOfSending('k'))).toMatchObject({
      status: 'UNKNOWN',
      steps: [{ status: 'UNKNOWN' }],
    });
    expect(acting.calls(making)).toBe(1);
  });

  test('does not repeat a step of the same name that a later attempt has done', async () => {
    await using acting = await startActing();
    const { send } = acting.start(await open());
    const tries: Mutation<object, string[]> = {
      name: 'tries',
      resumable: true,
      async run(operation) {
        const done: string[] = [];
        for (const name of ['', 'Second'])
          await operation
            .step({
              name: 'make',
              send: (call) => operation.account.didfarm.createTrunk({ name, authType: 'digest' }, call),
              apply: async (_trx, made) => made.name,
            })
            .then(
              ({ result }) => done.push(result),
              () => undefined,
            );
        if (acting.calls(making) === 2) throw new Error('something else breaks');
        return { result: done };
      },
    };

    await expect(send(tries, 'k', {})).rejects.toThrow('something else breaks');
    acting.sandbox.control.resetCalls();

    expect(await send(tries, 'k', {})).toMatchObject({ status: 'SUCCEEDED', result: ['Second', 'Second'] });
    expect(acting.calls(making)).toBe(0);
  });
});
