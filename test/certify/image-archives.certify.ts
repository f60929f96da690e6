import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { ask } from '../../local/process';
import { ImageRepository, ImageSource, ImageSourceTarballOptions } from '../../src';

// Archives of real tools, loaded by a real Docker like in the CDK CLI. The loaded image must be the requested one, and run.
const certify = process.env.CERTIFY_NO_DOCKER ? describe.skip : describe;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'image-archives-'));
const names = ['one', 'two'].map(name => `certify-archive-${name}-${process.pid}:v1`);
const [one, two] = names;

function run(program: string, ...args: string[]): string {
  const { ok, out, problem } = ask(program, args);
  if (!ok) throw new Error(problem);
  return out;
}

/** An image that prints its name. */
function build(name: string): void {
  const context = fs.mkdtempSync(path.join(folder, 'context-'));
  fs.copyFileSync('/bin/busybox', path.join(context, 'busybox'));
  fs.writeFileSync(path.join(context, 'name.txt'), name);
  fs.writeFileSync(path.join(context, 'Dockerfile'), 'FROM scratch\nCOPY busybox /bin/busybox\nCOPY name.txt /\nCMD ["/bin/busybox", "cat", "/name.txt"]\n');
  run('docker', 'build', '--quiet', '--tag', name, context);
}

/** The output of a container of the published image. All local images are deleted before, so the image can only come from the archive. */
function printedBy(file: string, options?: ImageSourceTarballOptions): string {
  names.forEach(name => ask('docker', ['image', 'rm', '--force', name]));
  const stage = new Stage(new App({ outdir: fs.mkdtempSync(path.join(folder, 'out-')) }), 'Stage');
  new ImageRepository(new Stack(stage, 'Stack'), 'Repository').publish('web', ImageSource.tarball(file, options));
  const { directory } = stage.synth();
  const [manifest] = fs.readdirSync(directory).filter(name => name.endsWith('.assets.json'));
  const { dockerImages } = JSON.parse(fs.readFileSync(path.join(directory, manifest), 'utf8'));
  const [{ source: { executable: [shell, ...args] } }] = Object.values<{ source: { executable: string[] } }>(dockerImages);
  const image = execFileSync(shell, args, { cwd: directory, encoding: 'utf8' }).trim();
  try {
    // The next step of the CDK CLI.
    run('docker', 'tag', image, two);
    return run('docker', 'run', '--rm', two);
  } finally {
    ask('docker', ['image', 'rm', '--force', two, image]);
  }
}

const both = path.join(folder, 'both.tar');
const saved = path.join(folder, 'one.tar');
const has = (program: string) => ask(program, ['--version']).ok;

certify('an archive is loaded, and the image in it runs, if it comes from', () => {
  beforeAll(() => {
    names.forEach(build);
    run('docker', 'save', '--output', saved, one);
    run('docker', 'save', '--output', both, one, two);
  });
  afterAll(() => {
    names.forEach(name => ask('docker', ['image', 'rm', '--force', name]));
    fs.rmSync(folder, { recursive: true });
  });

  test('docker save', () => {
    expect(printedBy(saved)).toBe(one);
  });

  test('docker save, compressed with gzip', () => {
    run('gzip', '--keep', '--force', saved);
    expect(printedBy(`${saved}.gz`)).toBe(one);
  });

  test.each([one, two])('docker save of two images: %s', image => {
    expect(printedBy(both, { image })).toBe(image);
  });

  test.each(['docker-archive', 'oci-archive'])('skopeo, which writes a %s', format => {
    if (!has('skopeo')) return expect(has('skopeo')).toBe(false);
    const file = path.join(folder, `${format}.tar`);
    run('skopeo', '--insecure-policy', 'copy', `docker-archive:${saved}`, `${format}:${file}`);
    return expect(printedBy(file)).toBe(one);
  });

  test('skopeo, which writes an OCI directory, in a tar archive', () => {
    if (!has('skopeo')) return expect(has('skopeo')).toBe(false);
    const layout = path.join(folder, 'layout');
    run('skopeo', '--insecure-policy', 'copy', `docker-archive:${saved}`, `oci:${layout}:v1`);
    run('tar', '--create', '--file', `${layout}.tar`, '--directory', layout, '.');
    return expect(printedBy(`${layout}.tar`)).toBe(one);
  });
});
