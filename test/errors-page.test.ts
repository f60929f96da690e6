import * as fs from 'fs';
import * as path from 'path';

const ROOT = path.join(__dirname, '..');
const PAGE = fs.readFileSync(path.join(ROOT, 'docs', 'errors.md'), 'utf8');
const SOURCE = textsBelow(path.join(ROOT, 'src')).join('\n').replace(/\\'/g, '\'');

/** Words that the source combines from parts, or that come from AWS and CDK. */
const COMPOSED = [
  /^be a (whole )?number (from|above)$/, /^have at (least|most)$/, /^be after start/, /^last at most a day/, /^differ .*from the port of/, /^could not (read|change) the/, /^the task failed: /,
  /^it is not in the repository/, /^ECS answered/, /AccessDeniedException/, /^the connection failed/, /^is a web page$/,
  /^would create a cyclic reference$/, /^section 'Resources' already contains$/, /^RepositoryNotEmptyException$/, /^AWS::/, /^ECS Deployment Circuit Breaker/,
  /^cdk-container-delivery:(secret(Files|BuildArgs|BuildOptions)|followedLinks|linksNotFollowed)$/,
];

function textsBelow(folder: string): string[] {
  return fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts')).map(file => fs.readFileSync(path.join(folder, file), 'utf8'));
}

/** The literal parts of a message on the page: without the property, and between the variable parts. */
function literals(message: string): string[] {
  return message.replace(/^'[^']*' must /, '').split(/…|\b\d+\b/).map(part => part.replace(/^[ ,.:;()'"]+|[ ,.:;()'"]+$/g, '')).filter(part => part.length > 5);
}

const MESSAGES = PAGE.split('\n').filter(line => line.startsWith('| `')).flatMap(line => [...line.split(' | ')[0].matchAll(/`([^`]+)`/g)].map(([, message]) => message));

test('every message on the page of errors is in the source', () => {
  const unknown = MESSAGES.flatMap(literals).filter(part => !SOURCE.includes(part) && !COMPOSED.some(pattern => pattern.test(part)));

  expect(MESSAGES.length).toBeGreaterThan(300);
  expect(unknown).toEqual([]);
});
