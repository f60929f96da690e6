/** The prefix of the names of all stacks of the suite. The function names and log groups that CloudFormation derives have it too. */
export const PREFIX = 'CdkContainerInteg';

/** The prefix of the names of all repositories of the suite. */
export const REPOSITORY_PREFIX = 'cdk-container-integ/';

/** The key of the tag on everything that the suite creates. */
export const TAG = 'cdk-container-integ';
