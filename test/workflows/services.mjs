// `node services.mjs <folder>`: the services that a release publishes to, on loopback, for test/workflows. HTTP on port 4873, and HTTPS on port 443 with
// the certificate <folder>/services.pem. Each published file is one line of <folder>/published.
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { join } from 'node:path';

const folder = process.argv[2];
const REPOSITORY = 'io.github.cdk-container-delivery-1';
const published = text => appendFileSync(join(folder, 'published'), `${text}\n`);
const encoded = value => Buffer.from(JSON.stringify(value)).toString('base64url');
const identity = audience => `${encoded({ alg: 'none' })}.${encoded({ aud: audience, repository_visibility: 'private', sub: 'release' })}.none`;
const basic = (user, password) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const TOKEN = 'token-for-publishing';
const MAVEN = basic('maven-user', 'maven-password');

const json = (value, status = 200) => ({ status, type: 'application/json', text: JSON.stringify(value) });
const xml = (text, status = 200) => ({ status, type: 'application/xml', text });
const allowed = (header, expected, answer) => header === expected ? answer() : json({ error: `The authorization "${header}" is wrong.` }, 401);

/** The requests that have an answer: method, path, and answer. All others fail. */
const ROUTES = [
  // Identity tokens of GitHub, and their exchange.
  ['GET', /^\/identity$/, ({ url }) => json({ value: identity(url.searchParams.get('audience')) })],
  ['POST', /^\/-\/npm\/v1\/oidc\/token\/exchange\/package\/(.+)$/, ({ authorization, host }) => allowed(authorization, `Bearer ${identity(`npm:${host.replace(/:\d+$/, '')}`)}`,
    () => json({ token: TOKEN }, 201))],
  ['POST', /^\/_\/oidc\/mint-token$/, ({ body }) => JSON.parse(body).token === identity('pypi') ? json({ token: TOKEN }) : json({ token: null }, 422)],

  // npm
  ['GET', /^\/-\/package\/[^/]+\/visibility$/, () => json({ public: false })],
  ['GET', /^\/[a-z][a-z-]+$/, () => json({ error: 'Not found' }, 404)],
  ['PUT', /^\/[a-z][a-z-]+$/, ({ body, authorization }) => allowed(authorization, `Bearer ${TOKEN}`, () => {
    const { name, versions, 'dist-tags': tags, _attachments: files } = JSON.parse(body);
    published(`npm: ${name} ${Object.keys(versions)} ${JSON.stringify(tags)}, ${Object.entries(files).map(([file, { length }]) => `${file} of ${length} bytes`)}`);
    return json({ ok: true }, 201);
  })],

  // PyPI
  ['GET', /^\/pypi\/cdk-container-delivery\/json$/, () => json({}, 404)],
  ['POST', /^\/legacy\/$/, ({ body, authorization }) => allowed(authorization, basic('__token__', TOKEN), () => {
    const field = name => new RegExp(`name="${name}"\r\n\r\n(.*)\r\n`).exec(body)?.[1];
    published(`PyPI: ${field('name')} ${field('version')}, ${/filename="(.*)"/.exec(body)?.[1]} of type ${field('filetype')}`);
    return json({});
  })],

  // Maven Central, with the staging protocol of Nexus 2.
  ['GET', /^\/service\/local\/status$/, () => xml('<status><data><apiVersion>2.14.0</apiVersion><version>2.14.0</version><editionShort>PRO</editionShort></data></status>')],
  ['GET', /^\/service\/local\/staging\/profiles\/publib$/, () => xml('<profileResponse><data><id>publib</id><name>publib</name><mode>BOTH</mode></data></profileResponse>')],
  ['POST', /^\/service\/local\/staging\/profiles\/publib\/start$/, ({ authorization }) => allowed(authorization, MAVEN,
    () => xml(`<promoteResponse><data><stagedRepositoryId>${REPOSITORY}</stagedRepositoryId></data></promoteResponse>`, 201))],
  ['PUT', new RegExp(`^/service/local/staging/deployByRepositoryId/${REPOSITORY}/(.+)$`), ({ authorization, size }, file) => allowed(authorization, MAVEN, () => {
    if (!/\.(md5|sha1|sha256|sha512)$/.test(file)) published(`Maven: ${file} of ${size} bytes`);
    return xml('', 201);
  })],
  ['GET', new RegExp(`^/service/local/staging/deployByRepositoryId/${REPOSITORY}/`), () => xml('', 404)],
  ['POST', /^\/service\/local\/staging\/profiles\/publib\/finish$/, ({ authorization }) => allowed(authorization, MAVEN, () => xml('', 201))],
  ['GET', new RegExp(`^/service/local/staging/repository/${REPOSITORY}$`), () => xml(`<stagingProfileRepository><profileId>publib</profileId>
    <repositoryId>${REPOSITORY}</repositoryId><type>closed</type><transitioning>false</transitioning></stagingProfileRepository>`)],
  ['POST', /^\/service\/local\/staging\/bulk\/promote$/, ({ body, authorization }) => allowed(authorization, MAVEN, () => {
    published(`Maven: released ${JSON.parse(body).data.stagedRepositoryIds}`);
    return json({}, 201);
  })],
];

/** The content of a request as text. Binary parts are not used. */
async function contentOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

async function answer(request, response) {
  const body = await contentOf(request);
  const url = new URL(request.url, 'http://localhost');
  const { authorization, host } = request.headers;
  const route = ROUTES.find(([method, path]) => method === request.method && path.test(url.pathname));
  const { status, type, text } = route
    ? route[2]({ url, body, authorization, host, size: body.length }, route[1].exec(url.pathname)[1])
    : json({ error: 'This service does not know the request.' }, 501);
  if (status >= 400 && status !== 404) appendFileSync(join(folder, 'requests'), `${request.method} ${host}${request.url}: ${status}\n`);
  response.writeHead(status, { 'content-type': type }).end(text);
}

const certificate = readFileSync(join(folder, 'services.pem'));
createServer(answer).listen(4873, '127.0.0.1');
createSecureServer({ cert: certificate, key: readFileSync(join(folder, 'services.key')) }, answer).listen(443, '127.0.0.1');
