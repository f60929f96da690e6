import { CfnResource } from 'aws-cdk-lib';
import { CfnCluster, ICluster } from 'aws-cdk-lib/aws-ecs';

/**
 * Whether Container Insights counts the tasks of a cluster. Unknown where the settings of the account decide, and of clusters that
 * another app creates.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-container-insights.html
 */
export function containerInsightsOf({ node }: ICluster): 'on' | 'off' | 'unknown' {
  const { defaultChild } = node;
  const settings = CfnResource.isCfnResource(defaultChild) ? (defaultChild as CfnCluster).clusterSettings : undefined;
  const [value] = (Array.isArray(settings) ? settings : [])
    .flatMap(setting => 'value' in setting && setting.name === 'containerInsights' ? [setting.value] : []);
  switch (value) {
    case 'enabled': case 'enhanced': return 'on';
    case 'disabled': return 'off';
    default: return 'unknown';
  }
}
