import { APPS } from './apps';

// `CDK_INTEG_APP` instead of a context value: the app has to be chosen before it has a context.
const name = process.env.CDK_INTEG_APP ?? '';
if (!Object.hasOwn(APPS, name)) throw new Error(`CDK_INTEG_APP is '${name}'. Use one of: ${Object.keys(APPS).join(', ')}.`);
APPS[name]({});
