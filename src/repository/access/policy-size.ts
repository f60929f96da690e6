import { Violation } from '../../private/validation';

/**
 * What ECR takes.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html
 */
const MOST_CHARACTERS = 10_240;

// The shortest that each can become, so that no policy is refused that ECR would take.
const SHORTEST = new Map([
  ['AWS::AccountId', '111122223333'], ['AWS::Partition', 'aws'], ['AWS::Region', 'us-east-1'], ['AWS::URLSuffix', 'amazonaws.com'],
]);

/** The rule that a rendered policy breaks when it is too long. */
export function brokenSize(policy: unknown): Violation | undefined {
  const written = shortest(policy);
  const { length } = typeof written === 'string' ? written : JSON.stringify(written) ?? '';
  return length <= MOST_CHARACTERS ? undefined : {
    property: 'policy',
    must: `have ${MOST_CHARACTERS} characters or less, which is what ECR takes`,
    got: length,
    fix: 'Name an organization in place of its accounts, pullFrom: { organizations: [\'o-a1b2c3d4e5\'] }, or an account in place of its roles.',
  };
}

/** The policy with something in place of what is only known at deployment. */
function shortest(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shortest);
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
  if (others.length === 0 && name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown];
    return Array.isArray(parts) ? parts.map(part => String(shortest(part))).join(separator) : '';
  }
  if (others.length === 0 && /^(?:Ref$|Fn::)/.test(name)) return SHORTEST.get(String(argument)) ?? '';
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shortest(each)]));
}
