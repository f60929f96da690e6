import { Token } from 'aws-cdk-lib';
import { FargatePlatformVersion, PidMode } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkOneOf } from '../../private/check-types';
import { reject } from '../../private/validation';
import { FargateServiceProps } from '../fargate-service';

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-versions-retired.html */
export function checkPlatform(scope: IConstruct, { platformVersion, pidMode }: FargateServiceProps): void {
  if (!Token.isUnresolved(platformVersion)) {
    checkOneOf(scope, platformVersion, [undefined, FargatePlatformVersion.LATEST, FargatePlatformVersion.VERSION1_4], {
      property: 'platformVersion', must: 'be a FargatePlatformVersion on which AWS still starts tasks, LATEST or VERSION1_4', fix: 'Leave it out for the latest.',
    });
  }
  if (pidMode === PidMode.HOST) {
    reject(scope, {
      property: 'pidMode', must: 'not be that of a host on Fargate, where there is none to see', got: pidMode,
      fix: 'Use ecs.PidMode.TASK, or run the containers as an Ec2Service.',
    });
  }
}
