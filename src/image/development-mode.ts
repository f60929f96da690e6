import { Annotations, Stack } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { reject } from '../private/validation';

/** The context value that turns development mode on. */
export const DEVELOPMENT_CONTEXT = 'cdk-container-delivery:development';

const ON = [true, 'true'];
const OFF = [false, 'false', undefined];

/**
 * Whether development mode is on in a scope: the context value of the app is `true`, and no stage, stack or construct around the scope sets it to
 * `false`.
 *
 * The CDK CLI passes its context to the app, so only the command line (or `cdk.json`) can turn the mode on. A stage or stack can only turn it off.
 */
export function isDevelopment(scope: IConstruct): boolean {
  const values = scope.node.scopes.map(each => isOn(scope, each.node.tryGetContext(DEVELOPMENT_CONTEXT)));
  const forbids = values.indexOf(false);
  const allows = values.lastIndexOf(true);
  if (forbids >= 0 && allows > forbids) {
    reject(scope.node.scopes[allows], {
      property: `context ${DEVELOPMENT_CONTEXT}`, must: 'not be turned on by the program', got: true,
      fix: `Remove it, and turn development mode on for one command: cdk deploy --hotswap -c ${DEVELOPMENT_CONTEXT}=true.`,
    });
  }
  return forbids < 0;
}

function isOn(scope: IConstruct, value: unknown): boolean {
  if (![...ON, ...OFF].some(each => each === value)) {
    reject(scope, {
      property: `context ${DEVELOPMENT_CONTEXT}`, must: 'be true or false', got: value, fix: `Write -c ${DEVELOPMENT_CONTEXT}=true, or leave it out.`,
    });
  }
  return ON.some(each => each === value);
}

// Constant texts, so that CDK shows each warning once per stack.
const WARNINGS: { readonly [Route in 'development' | 'direct']: { readonly id: string; readonly text: string[] } } = {
  development: {
    id: 'cdk-container-delivery:developmentMode',
    text: [
      'Development mode is on: DO NOT USE IT IN PRODUCTION. Images that this app builds or loads run from the bootstrap repository of the CDK,',
      'so that "cdk deploy --hotswap" and "cdk watch" can replace them. For these images, the following is off: copies into your repository with',
      'their digests and tags, scan gates, image checks, signatures, and copies in other registries. Lifecycle rules and retention do not protect',
      'the running version, so "cdk gc" may delete it. Images of registries and for several platforms are copied as usual.',
    ],
  },
  direct: {
    id: 'cdk-container-delivery:developmentModeDirect',
    text: [
      'Development mode is on: DO NOT USE IT IN PRODUCTION. Scan gates and image checks of images that are pushed directly are off,',
      'so that "cdk deploy --hotswap" and "cdk watch" can replace them.',
    ],
  },
};

/** Warns about the features that development mode turns off for the images of a route. */
export function warnOfDevelopment(image: Construct, route: keyof typeof WARNINGS): void {
  const { id, text } = WARNINGS[route];
  Annotations.of(Stack.of(image)).addWarningV2(id, [...text, `Deploy without "-c ${DEVELOPMENT_CONTEXT}=true" to turn it off.`].join(' '));
}
