import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { askAws } from './aws';
import { LocalDeployment } from '../../local/cdk';
import { LocalCloud, PROJECT } from '../../local/cloud';
import { HELLO } from '../../local/hello';
import { CommandFailed } from '../../local/process';
import { DockerRegistry } from '../certify/docker-registry';
import { SUBSCRIPTION } from '../helpers/azure-arm';
import { AzureCloud } from '../helpers/azure-cloud';
import { CLIENT, TENANT } from '../helpers/azure-entra';

// A fake Azure with real token verification and a real registry, and AWS as the local cloud. Each test continues where the previous one ended.
const NAME = 'localcloudimages';
let backend: DockerRegistry;
let azure: AzureCloud;
let cloud: LocalCloud;
let context: Record<string, string>;

const deployment = (more: Record<string, string> = {}) => new LocalDeployment(cloud, 'test/e2e/azure-app.ts', { ...context, ...more });
const registry = () => azure.arm.registries.get(NAME);
const failureOf = async (deployed: Promise<unknown>) => {
  const error = await deployed.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(CommandFailed);
  return (error as CommandFailed).output.replace(/\s+/g, ' ');
};
const write = (page: string) => fs.writeFileSync(path.join(context.app, 'index.html'), page);

beforeAll(async () => {
  backend = await DockerRegistry.start();
  azure = await AzureCloud.start({ [NAME]: backend.origin });
  azure.arm.polls = 1;
  cloud = new LocalCloud('azure', HELLO.baseImage, { otherClouds: { registries: azure.loginOrigins, variables: azure.variables } });
  await cloud.stop();
  await cloud.start();
  context = { tenant: TENANT, client: CLIENT, subscription: SUBSCRIPTION, name: NAME, app: path.join(cloud.folder, 'app') };
  fs.cpSync(path.join(PROJECT, HELLO.folder), context.app, { recursive: true });
  await deployment().bootstrap();
});
afterAll(async () => {
  await cloud?.stop();
  await azure?.stop();
  await backend?.stop();
});

/** The manifest of an image that skopeo pulls with all blobs, with the refresh token of the identity for the registry. */
async function pulled(reference: string): Promise<object> {
  const [login] = azure.logins;
  const [refreshToken] = login.tokens.slice(-1);
  const host = login.origin.replace('http://', '');
  const target = fs.mkdtempSync(path.join(cloud.folder, 'pulled-'));
  // The fake Azure runs in this process, so the process must not be blocked.
  await promisify(execFile)('skopeo', [
    '--insecure-policy', 'copy', '--src-tls-verify=false', '--src-creds', `00000000-0000-0000-0000-000000000000:${refreshToken}`,
    `docker://${host}/${reference}`, `dir:${target}`,
  ], { timeout: 60_000 });
  const manifest = JSON.parse(fs.readFileSync(path.join(target, 'manifest.json'), 'utf8'));
  const blobs = [manifest.config, ...manifest.layers].map(({ digest }) => digest.replace('sha256:', ''));
  expect(fs.readdirSync(target)).toEqual(expect.arrayContaining(blobs));
  return manifest;
}

test('without a matching federated credential, the deployment names the missing one, and leaves nothing behind', async () => {
  const credentials = azure.entra.credentials.splice(0);
  const output = await failureOf(deployment().deploy('cdk deploy, which has to fail: nothing is trusted'));
  azure.entra.credentials.push(...credentials);

  expect(output).toMatch(/AADSTS700211.*add a federated credential with these values to the application or managed identity [-0-9a-f]+: issuer 'https:\/\/[^']+', subject 'arn:aws:iam::[^']+', audience 'api:\/\/AzureADTokenExchange'/);
  expect(azure.arm.registries.size + azure.arm.groups.size).toBe(0);
});

test('from an empty account: resource group, registry and image exist, and skopeo pulls the image with the exchanged token', async () => {
  write('one');
  const { outputs: { Azure: { Image, Server, Id } } } = await deployment().deploy();

  expect(Server).toBe(`${NAME}.azurecr.io`);
  expect(Id).toBe(`/subscriptions/${SUBSCRIPTION}/resourceGroups/examples/providers/Microsoft.ContainerRegistry/registries/${NAME}`);
  expect(Image).toMatch(new RegExp(`^${NAME}\\.azurecr\\.io/team/web@sha256:[0-9a-f]{64}$`));
  expect(await pulled(`team/web@${Image.split('@')[1]}`)).toEqual(await pulled('team/web:v1'));
  expect(registry()).toMatchObject({ sku: 'Basic', state: 'Succeeded', tags: { team: 'web' } });
});

test('without a change, nothing is requested from Azure', async () => {
  const before = azure.arm.requests.length;
  const { log } = await deployment().deploy();
  expect(log).toContain('Azure (no changes)');
  expect(azure.arm.requests.length).toBe(before);
});

test('an update changes the registry in place, stores the password of the admin user, and pushes the new image; the image is mirrored back from Azure', async () => {
  await deployment({ sku: 'standard', admin: 'true', back: 'true' }).deploy();
  write('two');
  const { outputs: { Azure: { Image, Admin, BackImage } }, log } = await deployment({ sku: 'standard', admin: 'true', version: 'v2', back: 'true' }).deploy();

  expect(registry()).toMatchObject({ sku: 'Standard', properties: { adminUserEnabled: true } });
  expect(await pulled('team/web:v2')).toEqual(await pulled(`team/web@${Image.split('@')[1]}`));
  expect(await pulled('team/web:v2')).not.toEqual(await pulled('team/web:v1'));
  expect(BackImage).toMatch(/azure\/back@sha256:[0-9a-f]{64}$/);
  const { SecretString } = await askAws<{ readonly SecretString: string }>(cloud, 'secretsmanager', 'secretsmanager.GetSecretValue', { SecretId: Admin });
  expect(JSON.parse(SecretString)).toEqual({ username: NAME, password: registry()?.passwords[0] });
  for (const secret of azure.secrets) expect(log).not.toContain(secret);
});

test('a failure rolls back: the registry has its earlier settings, and the image stays', async () => {
  const output = await failureOf(deployment({ fails: 'true', version: 'v2' }).deploy('cdk deploy, which has to fail: another resource'));
  expect(output).toMatch(/ROLLBACK/);
  expect(registry()).toMatchObject({ sku: 'Standard', state: 'Succeeded', properties: { adminUserEnabled: true } });
  await pulled('team/web:v2');
});

test('with emptyOnDelete, the images are deleted with the registry, and nothing is left behind', async () => {
  await deployment({ empty: 'true', version: 'v2' }).deploy();
  await deployment({ empty: 'true', version: 'v2' }).destroy();
  expect(azure.arm.registries.size + azure.arm.groups.size).toBe(0);
});

// The last test, because the emulator still deletes the function after the failure.
test('without emptyOnDelete, a registry with images is not deleted', async () => {
  await deployment({ version: 'v3' }).deploy();
  expect(await failureOf(deployment({ version: 'v3' }).destroy())).toMatch(/the registry localcloudimages has images, for example in team\/web; delete them in Azure/);
  expect(registry()).toMatchObject({ state: 'Succeeded' });
});
