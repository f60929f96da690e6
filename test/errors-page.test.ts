import * as fs from 'fs';
import * as path from 'path';

const ROOT = path.join(__dirname, '..');
const PAGE = fs.readFileSync(path.join(ROOT, 'docs', 'errors.md'), 'utf8');
const SOURCE = textsBelow(path.join(ROOT, 'src')).join('\n').replace(/\\'/g, '\'');

/** Words that the source puts together from parts, or that AWS and the CDK say. */
const COMPOSED = [
  /^be a (whole )?number (from|above)$/, /^have at (least|most)$/, /^be after start/, /^last at most a day/, /^differ .*from the port of/, /^could not (read|change) the/, /^the task failed: /,
  /^it is not in the repository/, /^ECS answered/, /AccessDeniedException/, /^the connection failed/, /^is a web page$/,
  /^would create a cyclic reference$/, /^section 'Resources' already contains$/, /^RepositoryNotEmptyException$/, /^AWS::/, /^ECS Deployment Circuit Breaker/,
  /^cdk-container-delivery:(secret(Files|BuildArgs|BuildOptions)|followedLinks|linksNotFollowed)$/,
];

function textsBelow(folder: string): string[] {
  return fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts')).map(file => fs.readFileSync(path.join(folder, file), 'utf8'));
}

/** What a message of the page says literally: without the property, and between what differs from case to case. */
function literals(message: string): string[] {
  return message.replace(/^'[^']*' must /, '').split(/…|\b\d+\b/).map(part => part.replace(/^[ ,.:;()'"]+|[ ,.:;()'"]+$/g, '')).filter(part => part.length > 5);
}

const MESSAGES = PAGE.split('\n').filter(line => line.startsWith('| `')).flatMap(line => [...line.split(' | ')[0].matchAll(/`([^`]+)`/g)].map(([, message]) => message));

test('the page of errors has only messages that the source has', () => {
  const unknown = MESSAGES.flatMap(literals).filter(part => !SOURCE.includes(part) && !COMPOSED.some(pattern => pattern.test(part)));

  expect(MESSAGES.length).toBeGreaterThan(300);
  expect(unknown).toEqual([]);
});
