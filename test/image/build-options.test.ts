import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { IgnoreMode, SymlinkFollowMode } from 'aws-cdk-lib';
import { DockerImageAssetOptions, NetworkMode, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as fc from 'fast-check';
import { dockerImages, everySynthesizedFile, optionsOf, schemaOf } from '../helpers/docker-images';
import { runsOf } from '../helpers/exhaustive';

type Options = Required<DockerImageAssetOptions>;

interface Case {
  readonly given: DockerImageAssetOptions;
  /** The same without the option, if that leaves anything. */
  readonly without?: DockerImageAssetOptions;
}

const CONTEXT = contextFolder();
const VERSION = { buildArgs: { VERSION: '1' } };

/** Every option, with a value that changes the arguments or the input of Docker. */
const CASES: { [option in keyof Options]: Case } = {
  assetName: { given: { assetName: 'web' } },
  buildArgs: { given: VERSION },
  buildContexts: { given: { buildContexts: { base: 'docker-image://busybox:1.37', shared: 'https://example.com/shared.tar' } } },
  buildSecrets: { given: { buildSecrets: { NPM_TOKEN: 'env=NPM_TOKEN', NETRC: 'src=.netrc' } } },
  buildSsh: { given: { buildSsh: 'default=/run/agent.sock' } },
  cacheDisabled: { given: { cacheDisabled: true } },
  cacheFrom: { given: { cacheFrom: [{ type: 'registry', params: { ref: 'registry.example.com/cache' } }, { type: 'gha' }] } },
  cacheTo: { given: { cacheTo: { type: 'registry', params: { mode: 'max', ref: 'registry.example.com/cache' } } } },
  displayName: { given: { displayName: 'the web server' } },
  exclude: { given: { exclude: Object.freeze(['message.txt']) as string[] } },
  extraHash: { given: { extraHash: 'pepper' } },
  file: { given: { file: 'Dockerfile.worker' } },
  followSymlinks: { given: { followSymlinks: SymlinkFollowMode.ALWAYS } },
  ignoreMode: { given: { exclude: ['*.txt'], ignoreMode: IgnoreMode.GIT }, without: { exclude: ['*.txt'] } },
  invalidation: { given: { ...VERSION, invalidation: { buildArgs: false } }, without: VERSION },
  networkMode: { given: { networkMode: NetworkMode.HOST } },
  outputs: { given: { outputs: ['type=docker', 'type=tar,dest=image.tar'] } },
  platform: { given: { platform: Platform.LINUX_ARM64 } },
  target: { given: { target: 'other' } },
};

/** All options at once. */
const ALL: DockerImageAssetOptions = Object.assign({}, ...Object.values(CASES).map(({ given }) => given));

/** A build context in which every option has an effect: it has a folder, and a link to the outside. */
function contextFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'build-options-'));
  const context = path.join(folder, 'app');
  fs.mkdirSync(path.join(context, 'notes'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'outside.txt'), 'outside');
  fs.symlinkSync('../outside.txt', path.join(context, 'link'));
  for (const file of ['Dockerfile', 'Dockerfile.worker']) {
    fs.writeFileSync(path.join(context, file), 'FROM scratch AS base\nCOPY . /\nFROM base AS other\n');
  }
  // No pattern excludes all files of a directory, because an empty directory has another hash than in CDK.
  for (const file of ['message.txt', 'notes/today.txt', 'notes/kept.md']) fs.writeFileSync(path.join(context, file), file);
  return context;
}

describe('options of DockerImageAsset reach Docker unchanged, copied or pushed directly, with buildAndPushImage or ImageSource.directory:', () => {
  test.each(Object.entries(CASES))('%s', (_, { given, without = {} }) => {
    const { plain, copied, direct } = dockerImages(CONTEXT, given);

    expect(plain).not.toEqual(dockerImages(CONTEXT, without).plain);
    expect(copied).toEqual([plain, plain]);
    expect(direct).toEqual([plain, plain]);
  });

  test('any combination of options', () => {
    const word = fc.string({ minLength: 1 });
    const map = fc.dictionary(word, fc.string(), { maxKeys: 3, noNullPrototype: true });
    const cache = fc.record({ type: word, params: map }, { requiredKeys: ['type'] });
    const options: fc.Arbitrary<DockerImageAssetOptions> = fc.record<Omit<Options, 'assetName'>>({
      buildArgs: map,
      buildContexts: fc.dictionary(word, word.map(image => `docker-image://${image}`), { maxKeys: 3, noNullPrototype: true }),
      buildSecrets: map,
      buildSsh: word,
      cacheDisabled: fc.boolean(),
      cacheFrom: fc.array(cache, { maxLength: 2 }),
      cacheTo: cache,
      displayName: word,
      exclude: fc.array(fc.constantFrom('*.txt', 'notes', '**/*.txt', '!message.txt', 'link'), { maxLength: 3 }),
      extraHash: word,
      file: fc.constantFrom('Dockerfile', 'Dockerfile.worker'),
      followSymlinks: fc.constantFrom(...Object.values(SymlinkFollowMode).filter(mode => mode !== SymlinkFollowMode.BLOCK_EXTERNAL)),
      ignoreMode: fc.constantFrom(...Object.values(IgnoreMode)),
      invalidation: fc.record({ buildArgs: fc.boolean(), target: fc.boolean(), platform: fc.boolean() }, { requiredKeys: [] }),
      networkMode: fc.constantFrom(NetworkMode.NONE, NetworkMode.custom('own')),
      outputs: fc.array(fc.constantFrom('type=local,dest=out', 'type=oci'), { maxLength: 2 }).map(others => ['type=docker', ...others]),
      platform: fc.constantFrom(Platform.LINUX_AMD64, Platform.LINUX_ARM64, Platform.custom('linux/riscv64')),
      target: word,
    }, { requiredKeys: [] });

    fc.assert(fc.property(options, given => {
      const { plain, copied, direct } = dockerImages(CONTEXT, given);
      expect([...copied, ...direct]).toEqual([plain, plain, plain, plain]);
    }), runsOf(40));
  });
});

describe('no option is missing:', () => {
  test('the cases above are all options of the installed aws-cdk-lib', () => {
    expect(Object.keys(CASES).sort()).toEqual(optionsOf('DockerImageAssetOptions'));
  });

  test('with all options, every field that the CDK CLI reads is written, except the one for images that are not built', () => {
    const { plain, copied, direct } = dockerImages(CONTEXT, ALL);
    const fields = schemaOf('DockerImageSource').filter(field => field !== 'executable');
    for (const { source } of [plain, ...copied, ...direct]) expect(Object.keys(source).sort()).toEqual(fields);
  });
});

test('a build secret is read only by Docker: its source is in no template, and its value is in no file', () => {
  const value = 'canary-of-a-secret';
  const file = path.join(path.dirname(CONTEXT), 'npm-token');
  fs.writeFileSync(file, value);
  process.env.CANARY_TOKEN = value;
  const { outdir, direct, copied } = dockerImages(CONTEXT, { buildSecrets: { FILE: `src=${file}`, VARIABLE: 'env=CANARY_TOKEN' } });
  delete process.env.CANARY_TOKEN;

  for (const { source } of [...copied, ...direct]) {
    expect(source.dockerBuildSecrets).toEqual({ FILE: `src=${file}`, VARIABLE: 'env=CANARY_TOKEN' });
  }
  const files = everySynthesizedFile(outdir);
  expect(files.filter(({ text }) => text.includes(value))).toEqual([]);
  const named = files.filter(({ text }) => text.includes('CANARY_TOKEN') || text.includes(file)).map(({ name }) => name);
  expect(named).toHaveLength(5);
  expect(named.filter(name => !/^[^/]+\.(assets|images)\.json$/.test(name))).toEqual([]);
});
