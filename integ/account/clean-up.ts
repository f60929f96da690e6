import { setTimeout as sleep } from 'node:timers/promises';
import { Aws } from './aws';
import { PREFIX, REPOSITORY_PREFIX, TAG } from './names';

// Deregistered task definitions stay listed, and cost nothing.
const FREE = /:task-definition\//;

/**
 * Deletes resources that the stacks of the suite leave behind, also in earlier runs: repositories and log groups by their name prefix, imported
 * certificates by their tag. The suite creates no buckets.
 *
 * @returns the remaining resources, with the reason
 */
export async function cleanUp(aws: Aws, pause: number): Promise<string[]> {
  const remaining: string[] = [];
  const remove = async (what: string, work: () => Promise<unknown>, attempts = 1): Promise<void> => {
    try {
      await work();
    } catch (error) {
      // A load balancer that was just deleted still has its certificate for a while.
      if (attempts > 1) {
        await sleep(pause);
        return remove(what, work, attempts - 1);
      }
      remaining.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  await remove('the list of repositories', async () => {
    for (const { repositoryName } of await aws.list<{ repositoryName: string }>('ecr', 'DescribeRepositories', {}, 'repositories', 'nextToken')) {
      if (!repositoryName.startsWith(REPOSITORY_PREFIX)) continue;
      await remove(`the repository ${repositoryName}`, () => aws.call('ecr', 'DeleteRepository', { repositoryName, force: true }));
    }
  });
  for (const logGroupNamePrefix of [PREFIX, `/aws/lambda/${PREFIX}`]) {
    await remove('the list of log groups', async () => {
      for (const { logGroupName } of await aws.list<{ logGroupName: string }>('logs', 'DescribeLogGroups', { logGroupNamePrefix }, 'logGroups', 'nextToken')) {
        await remove(`the log group ${logGroupName}`, () => aws.call('logs', 'DeleteLogGroup', { logGroupName }));
      }
    });
  }
  const deleted: string[] = [];
  await remove('the list of certificates', async () => {
    for (const arn of (await tagged(aws)).filter(each => each.includes(':certificate/'))) {
      await remove(`the certificate ${arn}`, () => aws.call('acm', 'DeleteCertificate', { CertificateArn: arn }), 6);
      deleted.push(arn);
    }
  });
  await remove('the list of tagged resources', async () => {
    for (const arn of await tagged(aws)) if (!FREE.test(arn) && !deleted.includes(arn)) remaining.push(`${arn} still has the tag ${TAG}`);
  });
  return remaining;
}

async function tagged(aws: Aws): Promise<string[]> {
  const query = { TagFilters: [{ Key: TAG }] };
  const found = await aws.list<{ ResourceARN: string }>('tagging', 'GetResources', query, 'ResourceTagMappingList', 'PaginationToken');
  return found.map(({ ResourceARN }) => ResourceARN);
}
