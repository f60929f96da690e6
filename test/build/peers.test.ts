import { readFileSync } from 'fs';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { NetworkMode, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImageBuild } from 'deploy-time-build';
import { TokenInjectableDockerBuilder, TokenInjectableDockerBuilderProps } from 'token-injectable-docker-builder';
import { ImageBuilder, ImageRepository, ImageSource } from '../../src';
import { appWith, folderOf } from '../helpers/build-context';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a template is read as it is
type Resources = { readonly [id: string]: { readonly Type: string; readonly Properties: any } };

const OPTIONS = {
  buildArgs: { VERSION: 'value-of-argument' }, target: 'name-of-target', file: 'other.dockerfile', networkMode: NetworkMode.NONE,
  cacheFrom: [{ type: 'registry', params: { ref: 'name-of-cache' } }], platform: Platform.LINUX_ARM64, buildContexts: { shared: folderOf({ 'shared.txt': 'shared' }) },
};
type Options = Partial<typeof OPTIONS>;

/** Adds images to a stack, with options of Docker. */
type Peer = (stack: Stack, images: readonly string[], options?: Options) => void;

const DIRECTORY = appWith({ 'index.html': 'hello', 'other.dockerfile': 'FROM scratch\n' });

const PEERS: readonly Peer[] = [
  (stack, images, options) => {
    const repository = new ImageRepository(stack, 'Repository');
    images.forEach(id => repository.publish(id, ImageSource.directory(DIRECTORY, { builder: ImageBuilder.codeBuild(), ...options })));
  },
  (stack, images, options) => {
    const repository = new Repository(stack, 'Repository');
    images.forEach(id => new ContainerImageBuild(stack, id, { directory: DIRECTORY, repository, ...options }));
  },
  // It accepts no repository, and needs the platform as text.
  (stack, images, options: Options = {}) => images.forEach(id => new TokenInjectableDockerBuilder(stack, id, {
    path: DIRECTORY, ...options, ...options.platform && { platform: options.platform.platform },
  } as TokenInjectableDockerBuilderProps)),
];

function synthesize(peer: Peer, images = ['app'], options?: Options): Resources {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
  peer(stack, images, options);
  return Template.fromStack(stack).toJSON().Resources;
}

const count = (resources: Resources, type?: string) => Object.values(resources).filter(({ Type }) => type === undefined || Type === type).length;

/** The statements of all policies, except the permission to log in to ECR, which AWS grants on all resources only. */
function statements(resources: Resources): { Action: string[]; Resource: unknown[] }[] {
  return Object.values(resources).filter(({ Type }) => Type === 'AWS::IAM::Policy')
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .map(({ Action, Resource }) => ({ Action: [Action].flat(), Resource: [Resource].flat() }))
    .filter(({ Action }) => Action.join() !== 'ecr:GetAuthorizationToken');
}

const managedPolicies = (resources: Resources) => Object.values(resources).flatMap(({ Properties }) => Properties?.ManagedPolicyArns ?? []).length;

function sources(resources: Resources): string {
  const readable = statements(resources).filter(({ Action }) => Action.some(action => action.startsWith('s3:GetObject'))).map(({ Resource }) => JSON.stringify(Resource));
  return readable.some(text => text.includes('/*"')) ? 'all objects of the bootstrap bucket' : 'its own objects';
}

const TRACES: { readonly [option in keyof typeof OPTIONS]: RegExp } = {
  buildArgs: /value-of-argument/, target: /name-of-target/, file: /(--file|-f)[ ",]+\S*other\.dockerfile/, networkMode: /--network[ ",]+none/,
  cacheFrom: /name-of-cache/, platform: /linux\/arm64/, buildContexts: /--build-context/,
};

/** The options that leave no trace in the template, so they cannot reach the build. */
function lost(peer: Peer): string {
  const missing = Object.keys(OPTIONS).filter(name => {
    const option = name as keyof typeof OPTIONS;
    const text = JSON.stringify(synthesize(peer, ['app'], { [option]: OPTIONS[option] })).replace(/\\"/g, '"');
    return !TRACES[option].test(text);
  });
  return missing.map(name => `\`${name}\``).join(', ') || 'none';
}

const ROWS: readonly (readonly [title: string, cell: (peer: Peer) => string | number])[] = [
  ['Resources for one image, with its repository', peer => count(synthesize(peer))],
  ['Resources for two images', peer => count(synthesize(peer, ['app', 'other']))],
  ['Lambda functions', peer => count(synthesize(peer), 'AWS::Lambda::Function')],
  ['State machines', peer => count(synthesize(peer), 'AWS::StepFunctions::StateMachine')],
  ['Statements on all resources, without the login', peer => statements(synthesize(peer)).filter(({ Resource }) => Resource.includes('*')).length],
  ['Managed policies', peer => managedPolicies(synthesize(peer))],
  ['Source that a build can read', peer => sources(synthesize(peer))],
  ['Options that do not reach the build', lost],
];

test('the comparison of templates in the guide is what the constructs create', () => {
  const table = ROWS.map(([title, cell]) => `| ${title} | ${PEERS.map(cell).join(' | ')} |`);
  // To write it again: PEERS=print npx jest test/build/peers
  if (process.env.PEERS) process.stdout.write(`${table.join('\n')}\n`);
  const lines = readFileSync('docs/guides/remote-builds.md', 'utf8').split('\n');

  expect(lines.filter(line => ROWS.some(([title]) => line.startsWith(`| ${title} |`)))).toEqual(table);
});
