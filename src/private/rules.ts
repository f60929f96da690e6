import { BooleanRule, InstanceRule, TextRule } from './shape';

// Validation rules that several options structs share.

/** A boolean that decides what is synthesized. */
export const KNOWN_BOOLEAN: BooleanRule = { kind: 'boolean', known: true };

/** A secret of Secrets Manager with a user name and a password. */
export const SECRET: InstanceRule = {
  kind: 'instance', must: 'be a secret of Secrets Manager', methods: ['grantRead'], properties: ['secretArn'], secret: true,
  fix: 'Store user and password there, and use secretsmanager.Secret.fromSecretNameV2(…).',
};

/** Something that permissions can be granted to. */
export const GRANTEE: InstanceRule & { readonly required: true } = {
  kind: 'instance', required: true, must: 'be a role, a user or another grantee', properties: ['grantPrincipal'], fix: 'Pass the construct that needs the permission.',
};

/** An IAM principal. */
export const PRINCIPAL: InstanceRule = {
  kind: 'instance', must: 'be an IAM principal', methods: ['addToPolicy'], properties: ['policyFragment'],
  fix: 'Use a role, or create a principal, e.g. new iam.ArnPrincipal(\'arn:aws:iam::111122223333:role/builder\').',
};

/** An IAM role. */
export const ROLE: InstanceRule = {
  kind: 'instance', same: ['account'], must: 'be a role', properties: ['roleArn'], fix: 'Use a role such as iam.Role.fromRoleName(this, \'Role\', \'name\').',
};

/** An AWS account. */
export const ACCOUNT: TextRule = { kind: 'text', pattern: /^\d{12}$/, must: 'be 12 digits', fix: 'Write the account as a string, e.g. "111122223333".' };

/** An AWS region. */
export const REGION: TextRule = { kind: 'text', pattern: /^[a-z0-9-]{2,25}$/, must: 'be the name of a region', fix: 'Write it like "eu-central-1".' };

/** The fix for an invalid host. */
export const HOST_FIX = 'Write only the host, without https:// and without a path.';

/** The login server of an Azure Container Registry. */
export const LOGIN_SERVER: TextRule & { readonly required: true } = {
  kind: 'text', required: true, pattern: /^[a-z0-9]+(-+[a-z0-9]+)*\.azurecr\.[a-z.]+$/, must: 'be like "team.azurecr.io"', fix: HOST_FIX,
};
