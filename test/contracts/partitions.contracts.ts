import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { text } from 'node:stream/consumers';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Json } from './deployed';
import { everything } from '../templates/everything';

// RegionInfo.servicePrincipal is deprecated, but it is the only list of principals.
process.env.JSII_DEPRECATED = 'quiet';

// One region of each partition with differences. `AWS::URLSuffix` and `AWS::Partition` get their values there.
const REGIONS = ['eu-west-1', 'cn-north-1', 'us-gov-west-1', 'eusc-de-east-1', 'us-iso-east-1'];

// Literals that are the same in all partitions, with reasons.
const ACCEPTED: readonly (readonly [text: RegExp, why: string])[] = [
  [/^[a-z.-]+\.amazonaws\.com$/, 'a service principal, which is checked below'],
];
// Principals with the domain of the partition: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
const OF_THE_PARTITION = /^logs\.[a-z0-9-]+\.(.+)$/;

// The findings of cfn-lint, and where the limits of the library explain them.
const NOT_THERE: Readonly<Record<string, string>> = {
  "E3006:Resource type 'AWS::Signer::SigningProfile' does not exist in 'cn-north-1'": 'managed signing is not available in China',
  "E3006:Resource type 'AWS::ECR::SigningConfiguration' does not exist in 'cn-north-1'": 'managed signing is not available in China',
};

type Resources = Readonly<Record<string, Json>>;

/** The templates of the complete app in a region, with the pseudo parameters of its partition. */
function templatesIn(region: string): { readonly files: string[]; readonly templates: Resources[] } {
  const { partition = '', domainSuffix = '' } = RegionInfo.get(region);
  const files = everything(region).synth().stacksRecursively.map(({ templateFullPath }) => templateFullPath);
  const known: Resources = { 'AWS::Partition': partition, 'AWS::URLSuffix': domainSuffix, 'AWS::Region': region };
  const put = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(put);
    if (typeof value !== 'object' || value === null) return value;
    if (typeof value.Ref === 'string' && known[value.Ref] !== undefined) return known[value.Ref];
    const [separator, parts] = value['Fn::Join'] ?? [];
    const joined = parts === undefined ? undefined : put(parts);
    if (Array.isArray(joined) && joined.every(each => typeof each === 'string')) return joined.join(separator);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, put(inner)]));
  };
  return { files, templates: files.map(file => put(JSON.parse(fs.readFileSync(file, 'utf8')).Resources)) };
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** The service principals of all policies. */
function servicesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => key === 'Principal' && inner?.Service !== undefined ? [inner.Service].flat() : servicesIn(inner));
}

const regions = new Map(REGIONS.map(region => [region, templatesIn(region)]));

describe.each(REGIONS)('in %s', region => {
  const { templates } = regions.get(region) as { templates: Resources[] };
  const { domainSuffix = '', partition } = RegionInfo.get(region);

  test('no text contains the domain of another partition', () => {
    const foreign = templates.flatMap(textsIn).flatMap(each => each.match(/[a-z0-9.-]*amazonaws\.[a-z.]*[a-z]/g) ?? [])
      .filter(each => domainSuffix !== 'amazonaws.com' && !each.endsWith(domainSuffix) && !ACCEPTED.some(([accepted]) => accepted.test(each)));
    expect([...new Set(foreign)]).toEqual([]);
  });

  test('each service principal is the one of the partition', () => {
    const services = [...new Set(templates.flatMap(servicesIn))];
    const right = services.filter(each => typeof each === 'string').map(each => {
      const own = OF_THE_PARTITION.exec(each);
      return own === null ? RegionInfo.get(region).servicePrincipal(each) ?? each : `logs.${region}.${domainSuffix}`;
    });
    expect(services).toEqual(right);
    expect(services).toEqual(expect.arrayContaining(['lambda.amazonaws.com', 'ecs-tasks.amazonaws.com', 'ecs.amazonaws.com', 'scheduler.amazonaws.com', `logs.${region}.${domainSuffix}`]));
  });

  test('no ARN has another partition', () => {
    const partitions = templates.flatMap(textsIn).flatMap(each => [...each.matchAll(/\barn:([a-z-]+):[a-z]/g)].map(([, named]) => named));
    expect([...new Set(partitions)]).toEqual([partition]);
  });

  test('no URL of a console or a registry has a fixed domain', () => {
    expect(templates.flatMap(textsIn).filter(each => /console\.aws\.amazon\.com/.test(each))).toEqual([]);
  });
});

test('cfn-lint has no finding for the app in any of these regions, except for types that do not exist there', async () => {
  // The templates differ in literals only, and cfn-lint knows the types of each region.
  const child = spawn(String(process.env.CFN_LINT_PYTHON), [
    '-c', 'import cfnlint.runner.cli; cfnlint.runner.cli.main()', '--format', 'parseable', '--ignore-checks', 'W3005', 'W3010', 'W6001',
    '--regions', ...REGIONS.filter(region => region !== 'eu-west-1'), '--template', ...regions.get('cn-north-1')?.files ?? [],
  ]);
  const [out, trouble, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0 && out.trim() === '') throw new Error(`cfn-lint did not run: ${trouble}`);
  const found = out.split('\n').filter(line => line !== '').map(line => line.replace(/^.*:(?=[EWI]\d{4}:)/, ''));
  expect(found.sort()).toEqual(Object.keys(NOT_THERE).sort());
}, 300_000);
