using System.Collections.Generic;
using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using CdkContainerDelivery;
using Cluster = Amazon.CDK.AWS.ECS.Cluster;
using ClusterProps = Amazon.CDK.AWS.ECS.ClusterProps;
using ContainerInsights = Amazon.CDK.AWS.ECS.ContainerInsights;

var app = new App();
var stack = new Stack(app, "Hello");
// Public subnets only, so there is no NAT gateway to pay for.
var vpc = new Vpc(stack, "Vpc", new VpcProps
{
    MaxAzs = 2,
    NatGateways = 0,
    SubnetConfiguration = new ISubnetConfiguration[] { new SubnetConfiguration { Name = "Public", SubnetType = SubnetType.PUBLIC } },
});
var cluster = new Cluster(stack, "Cluster", new ClusterProps { Vpc = vpc, ContainerInsightsV2 = ContainerInsights.ENHANCED });

var repository = new ImageRepository(stack, "Repository", new ImageRepositoryProps
{
    LifecycleRules = new[] { LifecycleRule.ExpireUntagged(new ExpireUntaggedOptions { OlderThan = Duration.Days(7) }) },
});
var image = repository.BuildAndPushImage("../app");

var service = new FargateService(stack, "Service", new FargateServiceProps
{
    Cluster = cluster,
    VpcSubnets = new SubnetSelection { SubnetType = SubnetType.PUBLIC },
    DesiredCount = 2,
    Containers = new Dictionary<string, IContainerOptions>
    {
        ["web"] = new ContainerOptions { Image = image, MemoryLimitMiB = 128, Port = 8080 },
    },
    Exposure = Exposure.PublicHttp(),
});
new CfnOutput(stack, "Endpoint", new CfnOutputProps { Value = service.Endpoint });
new CfnOutput(stack, "Image", new CfnOutputProps { Value = image.ImageUri });

app.Synth();
