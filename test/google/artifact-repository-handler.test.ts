import { GOOGLE_IDENTITY_TEXT, GoogleRefusal } from '../helpers/google-cloud';
import { GoogleScene, PROPERTIES, REPOSITORY } from '../helpers/google-scene';

let scene: GoogleScene;
beforeEach(async () => { scene = await GoogleScene.open(); });
afterEach(async () => {
  const { aws: { tokens }, google: { federatedTokens, accessTokens }, logs } = scene;
  const secrets = [...tokens, ...federatedTokens, ...accessTokens.keys(), 'secret-canary', 'session-canary'];
  await scene.close();
  expect(secrets.filter(secret => logs.join().includes(secret))).toEqual([]);
});

const POLICIES = JSON.stringify({ old: { id: 'old', action: 'DELETE', condition: { tagState: 'UNTAGGED', olderThan: '864000s' } } });
const DESTROYED = { ...PROPERTIES, OnRemoval: 'Delete' };
/** A repository with this name that belongs to somebody else. */
const taken = (more: object = {}) => scene.google.repositories.set(REPOSITORY, { name: REPOSITORY, format: 'DOCKER', mode: 'STANDARD_REPOSITORY', ...more });
const reason = () => scene.logs.filter(line => line.includes('FAILED')).join('\n');

describe('a repository is created', () => {
  test('for Docker images, with all settings, and its address is returned', async () => {
    const properties = { ...PROPERTIES, ImmutableTags: 'true', Description: 'images of the shop', Labels: { team: 'shop' }, CleanupPolicies: POLICIES, CleanupDryRun: 'true' };
    expect(await scene.stack.deploy(properties)).toBe('CREATE_COMPLETE');

    expect(scene.repository).toMatchObject({
      format: 'DOCKER', mode: 'STANDARD_REPOSITORY', description: 'images of the shop', dockerConfig: { immutableTags: true }, cleanupPolicyDryRun: true,
      cleanupPolicies: JSON.parse(POLICIES), labels: { 'team': 'shop', 'cdk-container-delivery': expect.stringMatching(/^[0-9a-f]{16}$/) },
    });
    expect(scene.stack.resource?.data).toEqual({ RegistryUri: 'europe-west1-docker.pkg.dev/my-project/images', Name: REPOSITORY });
    expect(scene.changes).toEqual(['repositories.create']);
  });

  test('in a domain-scoped project', async () => {
    expect(await scene.stack.deploy({ ...PROPERTIES, Project: 'example.com:my-project' })).toBe('CREATE_COMPLETE');
    expect(scene.stack.resource?.data.RegistryUri).toBe('europe-west1-docker.pkg.dev/example.com/my-project/images');
  });

  test('also if the operation takes longer than one invocation', async () => {
    scene.google.operationReads = 20;
    scene.milliseconds = 40_000;

    expect(await scene.stack.deploy(PROPERTIES)).toBe('CREATE_COMPLETE');
    expect(scene.logs.filter(line => line.includes('continues in another invocation')).length).toBeGreaterThan(1);
    expect(scene.changes).toEqual(['repositories.create']);
  });

  test('once, if the function crashes before it responds', async () => {
    scene.deaths = 1;

    expect(await scene.stack.deploy(PROPERTIES)).toBe('CREATE_COMPLETE');
    expect(scene.changes).toEqual(['repositories.create']);
  });

  test('once, if Google is busy or the connection breaks', async () => {
    scene.google.refuse('repositories.create', 503, 'reset');
    scene.google.refuse('operations.get', 503, 'reset');

    expect(await scene.stack.deploy(PROPERTIES)).toBe('CREATE_COMPLETE');
    expect(scene.google.repositories.size).toBe(1);
  });

  test('once, if the response of Google is lost', async () => {
    scene.google.losesResponse = true;

    expect(await scene.stack.deploy(DESTROYED)).toBe('CREATE_COMPLETE');
    expect(scene.google.callsOf('repositories.create')).toHaveLength(2);
    expect(scene.repository?.labels).toEqual({ 'cdk-container-delivery': expect.stringMatching(/^[0-9a-f]{16}$/) });
    scene.google.losesResponse = true;
    expect(await scene.stack.delete()).toBe('DELETE_COMPLETE');
    expect(scene.google.repositories.size).toBe(0);
  });

  test('with a new access token, if one is rejected', async () => {
    scene.google.refuse('repositories.create', { code: 401, status: 'UNAUTHENTICATED', message: 'expired' });

    expect(await scene.stack.deploy(PROPERTIES)).toBe('CREATE_COMPLETE');
    expect(scene.google.callsOf('sts.token')).toHaveLength(2);
  });
});

describe('an existing repository', () => {
  test('is not adopted, and stays unchanged', async () => {
    taken({ description: 'of somebody else' });
    scene.rollsBack = true;

    expect(await scene.stack.deploy(PROPERTIES)).toBe('ROLLBACK_COMPLETE');
    expect(reason()).toContain(`the repository ${REPOSITORY} exists already, and this stack has not created it; set adoptExisting: true to take it over, or use another repositoryId`);
    expect(scene.repository).toMatchObject({ description: 'of somebody else' });
    expect(scene.changes).toEqual([]);
  });

  test('is adopted on request, with its images and the labels of others', async () => {
    taken({ description: 'of somebody else', labels: { cost: 'shop' } });

    expect(await scene.stack.deploy({ ...PROPERTIES, AdoptExisting: 'true', Labels: { team: 'shop' } })).toBe('CREATE_COMPLETE');
    expect(scene.repository).toMatchObject({ labels: { 'cost': 'shop', 'team': 'shop', 'cdk-container-delivery': expect.stringMatching(/-adopted$/) } });
    expect(scene.repository).not.toHaveProperty('description', 'of somebody else');
    expect(scene.google.callsOf('repositories.patch').map(({ query }) => query)).toEqual([{ updateMask: 'description,labels' }]);
  });

  test('is not deleted if the deployment that adopts it fails', async () => {
    taken();
    scene.rollsBack = true;

    expect(await scene.stack.deploy({ ...DESTROYED, AdoptExisting: 'true' }, { thenFails: true })).toBe('ROLLBACK_COMPLETE');
    expect(scene.repository).toBeDefined();
  });

  test.each([[{ format: 'MAVEN' }, /is STANDARD_REPOSITORY for MAVEN/], [{ mode: 'REMOTE_REPOSITORY' }, /is REMOTE_REPOSITORY for DOCKER/]])('of another kind is rejected: %j', async (more, sentence) => {
    taken(more);

    expect(await scene.stack.deploy({ ...PROPERTIES, AdoptExisting: 'true' })).toBe('ROLLBACK_COMPLETE');
    expect(reason()).toMatch(sentence);
  });
});

describe('an update', () => {
  test('changes only the fields that differ', async () => {
    await scene.stack.deploy({ ...PROPERTIES, Labels: { team: 'shop' }, CleanupPolicies: POLICIES });
    expect(await scene.stack.deploy({ ...PROPERTIES, Labels: { owner: 'me' }, CleanupPolicies: POLICIES, ImmutableTags: 'true' })).toBe('UPDATE_COMPLETE');

    expect(scene.google.callsOf('repositories.patch').map(({ query }) => query.updateMask)).toEqual(['labels,dockerConfig']);
    expect(scene.repository).toMatchObject({ dockerConfig: { immutableTags: true }, labels: { owner: 'me' }, cleanupPolicies: JSON.parse(POLICIES) });
    expect(scene.repository?.labels).not.toHaveProperty('team');
  });

  test('removes settings that are no longer in the template', async () => {
    await scene.stack.deploy({ ...PROPERTIES, Description: 'a', CleanupPolicies: POLICIES, CleanupDryRun: 'true', ImmutableTags: 'true' });
    await scene.stack.deploy(PROPERTIES);

    expect(scene.repository).toMatchObject({ description: '', cleanupPolicies: {}, cleanupPolicyDryRun: false, dockerConfig: { immutableTags: false } });
  });

  test('of the removal policy alone changes nothing at Google', async () => {
    await scene.stack.deploy(PROPERTIES);
    expect(await scene.stack.deploy(DESTROYED)).toBe('UPDATE_COMPLETE');

    expect(scene.changes).toEqual(['repositories.create']);
  });

  test('corrects manual changes, and creates a deleted repository again', async () => {
    await scene.stack.deploy(PROPERTIES);
    Object.assign(scene.repository ?? {}, { dockerConfig: { immutableTags: true }, labels: undefined });
    await scene.stack.deploy({ ...PROPERTIES, Description: 'a' });
    expect(scene.repository).toMatchObject({ dockerConfig: { immutableTags: false }, labels: { 'cdk-container-delivery': expect.any(String) } });

    scene.google.repositories.clear();
    expect(await scene.stack.deploy(PROPERTIES)).toBe('UPDATE_COMPLETE');
    expect(scene.repository).toBeDefined();
  });

  test.each<[string, object, string]>([
    ['project', { Project: 'other-project' }, 'projects/other-project/locations/europe-west1/repositories/images'],
    ['location', { Location: 'us' }, 'projects/my-project/locations/us/repositories/images'],
    ['ID', { RepositoryId: 'others' }, 'projects/my-project/locations/europe-west1/repositories/others'],
  ])('of the %s creates another repository, and deletes the first one if the user asked for that', async (_, more, name) => {
    await scene.stack.deploy(DESTROYED);
    expect(await scene.stack.deploy({ ...DESTROYED, ...more })).toBe('UPDATE_COMPLETE');
    expect([...scene.google.repositories.keys()]).toEqual([name]);
  });

  test('that fails leaves no new repository, and the repository as it was', async () => {
    await scene.stack.deploy({ ...PROPERTIES, Description: 'before' });
    scene.rollsBack = true;
    expect(await scene.stack.deploy({ ...PROPERTIES, Description: 'after', RepositoryId: 'others' }, { thenFails: true })).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect([...scene.google.repositories.keys()]).toEqual([REPOSITORY]);
    expect(scene.repository).toMatchObject({ description: 'before' });
    expect(await scene.stack.deploy({ ...PROPERTIES, Description: 'after' }, { thenFails: true })).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(scene.repository).toMatchObject({ description: 'before' });
  });
});

describe('a deletion', () => {
  test('keeps the repository by default, and sends no request to Google', async () => {
    await scene.stack.deploy(PROPERTIES);
    const { length } = scene.google.calls;

    expect(await scene.stack.delete()).toBe('DELETE_COMPLETE');
    expect(scene.repository).toBeDefined();
    expect(scene.google.calls).toHaveLength(length);
  });

  test('deletes it if the user asked for that, even if the operation takes long', async () => {
    await scene.stack.deploy(DESTROYED);
    scene.google.operationReads = 20;
    scene.milliseconds = 40_000;

    expect(await scene.stack.delete()).toBe('DELETE_COMPLETE');
    expect(scene.repository).toBeUndefined();
    expect(scene.changes).toEqual(['repositories.create', 'repositories.delete']);
  });

  test('fails while there are images, and succeeds after the user has chosen to delete them', async () => {
    scene.google.images = () => 3;
    await scene.stack.deploy(DESTROYED);

    expect(await scene.stack.delete()).toBe('DELETE_FAILED');
    expect(reason()).toContain('has images; delete them and try again, or deploy emptyOnDelete: true before the next deletion');
    expect(scene.repository).toBeDefined();
    await scene.stack.deploy({ ...DESTROYED, EmptyOnDelete: 'true' });
    expect(await scene.stack.delete()).toBe('DELETE_COMPLETE');
    expect(scene.repository).toBeUndefined();
  });

  test('succeeds if the repository was deleted by hand', async () => {
    await scene.stack.deploy(DESTROYED);
    scene.google.repositories.clear();

    expect(await scene.stack.delete()).toBe('DELETE_COMPLETE');
  });

  test('never deletes a repository that now belongs to somebody else', async () => {
    await scene.stack.deploy(DESTROYED);
    taken();

    expect(await scene.stack.delete()).toBe('DELETE_COMPLETE');
    expect(scene.repository).toBeDefined();
  });

  test.each([
    ['without images is deleted', PROPERTIES, 0, false],
    ['with images is kept', PROPERTIES, 1, true],
    ['with images is kept, also with RemovalPolicy.DESTROY', DESTROYED, 1, true],
    ['with images is deleted if the user has chosen emptyOnDelete', { ...DESTROYED, EmptyOnDelete: 'true' }, 1, false],
  ])('in the rollback of its creation never fails: a repository %s', async (_, properties, images, isKept) => {
    scene.google.images = () => images;
    scene.rollsBack = true;

    expect(await scene.stack.deploy(properties, { thenFails: true })).toBe('ROLLBACK_COMPLETE');
    expect(scene.repository !== undefined).toBe(isKept);
  });
});

test.each([
  ['federation is not enabled', () => { scene.aws.isEnabled = false; }],
  ['the API is disabled', () => { scene.google.refuse('repositories.get', ...Array.from({ length: 9 }, () => ({ code: 403, status: 'PERMISSION_DENIED', message: 'disabled', reason: 'SERVICE_DISABLED' }))); }],
  ['the role of the service account is missing', () => { scene.google.mayImpersonate = false; }],
])('a first deployment that fails because %s is rolled back', async (_, prepare) => {
  scene.rollsBack = true;
  prepare();

  expect(await scene.stack.deploy(PROPERTIES)).toBe('ROLLBACK_COMPLETE');
});

describe('common first errors have a fix:', () => {
  const refusal = (code: number, status: string, message: string, more?: string): GoogleRefusal => ({ code, status, message, reason: more });

  test.each<[string, string, GoogleRefusal, RegExp]>([
    ['the API is disabled', 'repositories.get', refusal(403, 'PERMISSION_DENIED', 'Artifact Registry API has not been used', 'SERVICE_DISABLED'), /; enable the API in the project: gcloud services enable artifactregistry\.googleapis\.com$/],
    ['a role is missing', 'repositories.create', refusal(403, 'PERMISSION_DENIED', "Permission 'artifactregistry.repositories.create' denied on resource", 'IAM_PERMISSION_DENIED'), /; check project and location, and grant roles\/artifactregistry\.admin on the project to the service account \(it lacks artifactregistry\.repositories\.create\)$/],
    ['the quota is used up', 'repositories.create', refusal(400, 'RESOURCE_EXHAUSTED', 'Quota exceeded'), /; request a higher quota/],
    ['the location is unknown', 'repositories.create', refusal(400, 'INVALID_ARGUMENT', 'Invalid location: europe-west99'), /; check the location: gcloud artifacts locations list$/],
    ['billing is off', 'repositories.create', refusal(403, 'PERMISSION_DENIED', 'This API method requires billing to be enabled', 'BILLING_DISABLED'), /; enable billing for the project$/],
    ['a policy forbids it', 'repositories.create', refusal(400, 'FAILED_PRECONDITION', 'Constraint constraints/gcp.resourceLocations violated'), /; a policy of the organization forbids it/],
  ])('%s', async (_, method, answer, sentence) => {
    scene.google.refuse(method, answer);

    expect(await scene.stack.deploy(PROPERTIES)).toBe('ROLLBACK_COMPLETE');
    expect(reason()).toMatch(sentence);
  });

  test('federation is not enabled', async () => {
    scene.aws.isEnabled = false;

    expect(await scene.stack.deploy(PROPERTIES)).toBe('ROLLBACK_COMPLETE');
    expect(reason()).toContain('outbound identity federation is disabled in this account; add an OutboundIdentityFederation');
  });
});

describe('an event cannot', () => {
  test('choose an identity: the function always uses its own', async () => {
    await scene.stack.deploy({ ...PROPERTIES, Identity: GOOGLE_IDENTITY_TEXT.replace('images@', 'admin@') });

    expect(scene.google.callsOf('generateAccessToken').map(({ name }) => name)).toEqual(['projects/-/serviceAccounts/images@my-project.iam.gserviceaccount.com']);
  });

  test('use a function without an identity', async () => {
    scene.identity = '';
    await scene.stack.deploy(PROPERTIES);

    expect(reason()).toContain('the variable CLOUD_IDENTITY of the function is not an identity');
    expect(scene.aws.calls).toEqual([]);
  });

  test.each<[string, object]>([
    ['another host', { Location: 'evil.example/' }], ['another path', { RepositoryId: '../x' }], ['another project path', { Project: 'a/b' }], ['a list', { Project: ['my-project'] }],
    ['policies that are no JSON', { CleanupPolicies: '[' }], ['an unknown version', { SchemaVersion: '2' }], ['nothing', { RepositoryId: undefined }],
  ])('name %s', async (_, more) => {
    expect(await scene.stack.deploy({ ...PROPERTIES, ...more })).toBe('ROLLBACK_COMPLETE');
    expect(reason()).toMatch(/the property '\w+' (must be|is)/);
    expect(scene.google.calls).toEqual([]);
  });
});
