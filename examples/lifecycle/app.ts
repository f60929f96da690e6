import { App } from 'aws-cdk-lib';
import { LifecycleStack } from './lifecycle-stack';

export const app = new App();
export const stack = new LifecycleStack(app, 'Lifecycle');
