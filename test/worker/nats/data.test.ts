import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeJob } from '../../../src/shared/job/index.ts';
import type { Link } from '../../../src/shared/nats/index.ts';
import { namesOf } from '../../../src/shared/nats/index.ts';
import { jobHere } from '../../../src/worker/entries/nats/data.ts';
import { smallJob } from '../../shared/config/jobs.ts';

const place = await mkdtemp(join(tmpdir(), 'distill-cluster-data-'));
afterAll(() => rm(place, { recursive: true, force: true }));

test('a worker with data of its own opens no path that the job names, its test data neither', async () => {
  const own = join(place, 'own.csv');
  await writeFile(own, `label,a,b,c,d\n${'x,1,2,3,4\ny,5,6,7,8\n'.repeat(10)}`);
  const secret = join(place, 'secret.csv');
  await writeFile(secret, 'of,another,shape\n');
  const job = smallJob({ dataset: join(place, 'elsewhere.csv'), testData: secret });
  const link = {} as Link; // nothing is asked of the server before the data are known to be others
  const supply = { link, names: namesOf('r'), worker: 'w', tell: () => undefined, dataset: own };
  const error = await jobHere(describeJob(job).frame, supply).catch((error: unknown) => error);
  expect(error).toMatchObject({ code: 'bad-data', where: own });
  expect(String(error)).not.toContain(secret);
});
