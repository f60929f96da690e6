using System.Collections.Generic;
using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using CdkContainerDelivery;
using Cluster = Amazon.CDK.AWS.ECS.Cluster;
using ClusterProps = Amazon.CDK.AWS.ECS.ClusterProps;
using ContainerInsights = Amazon.CDK.AWS.ECS.ContainerInsights;
using CreateAlarmOptions = Amazon.CDK.AWS.CloudWatch.CreateAlarmOptions;

// Lifecycle rules, a scan gate, two containers, and a canary deployment with manual approval.
var app = new App();
var stack = new Stack(app, "Release");

var repository = new ImageRepository(stack, "Repository", new ImageRepositoryProps
{
    Retention = Retention.KeepForRollback(2),
    LifecycleRules = new[]
    {
        LifecycleRule.ArchiveUnused(new ArchiveUnusedOptions { Images = ImageSelection.TagPrefix("release-"), NotPulledFor = Duration.Days(45) }),
        LifecycleRule.ExpireArchived(new ExpireArchivedOptions { Images = ImageSelection.TagPrefix("release-"), ArchivedFor = Duration.Days(90) }),
        LifecycleRule.KeepNewest(new KeepNewestOptions { Images = ImageSelection.TagPrefix("dev-"), Count = 2 }),
    },
});
var image = repository.BuildAndPushImage("../app", new BuildAndPushImageOptions
{
    ScanGate = ScanGate.FailOn(Severity.HIGH, new ScanGateFailOnOptions { WaitAtMost = Duration.Minutes(20) }),
});
var news = TaskVolume.Ephemeral("news");

var service = new FargateService(stack, "Service", new FargateServiceProps
{
    Cluster = new Cluster(stack, "Cluster", new ClusterProps
    {
        Vpc = new Vpc(stack, "Vpc", new VpcProps { MaxAzs = 2, NatGateways = 1 }),
        ContainerInsightsV2 = ContainerInsights.ENHANCED,
    }),
    Containers = new Dictionary<string, IContainerOptions>
    {
        ["web"] = new ContainerOptions
        {
            Image = image, MemoryLimitMiB = 64, Port = 8080,
            Volumes = new Dictionary<string, TaskVolume> { ["/www/news"] = news.ReadOnly() },
            DependsOn = new[] { ContainerDependency.Started("writer") },
        },
        ["writer"] = new ContainerOptions
        {
            Image = image, MemoryLimitMiB = 32,
            Command = new[] { "sh", "-c", "while sleep 1; do date > /www/news/index.html; done" },
            Volumes = new Dictionary<string, TaskVolume> { ["/www/news"] = news },
            Essential = false,
            RestartPolicy = ContainerRestartPolicy.OnExit(new ContainerRestartPolicyOnExitOptions { AttemptPeriod = Duration.Minutes(1) }),
        },
    },
    Exposure = Exposure.PublicHttp(new PublicHttpOptions
    {
        HealthCheck = new HttpHealthCheck { Path = "/", Interval = Duration.Seconds(10) },
        TestOpenTo = new IConnectable[] { Peer.Ipv4("203.0.113.0/24") },
    }),
    Deployment = Deployment.Canary(new CanaryOptions
    {
        CanaryPercent = 10,
        CanaryBakeTime = Duration.Minutes(10),
        TestPort = 8080,
        Hooks = new[]
        {
            DeploymentHook.Pause(new DeploymentHookPauseOptions { Stages = new[] { DeploymentStage.POST_TEST_TRAFFIC_SHIFT }, Timeout = Duration.Hours(4) }),
        },
    }),
    Scaling = Scaling.Between(2, 6).OnCpu(60, new OnCpuOptions { ScaleInCooldown = Duration.Minutes(10) }),
});
service.AddRollbackAlarms(service.MetricCpuUtilization().CreateAlarm(stack, "Busy", new CreateAlarmOptions
{
    AlarmName = "release-busy", Threshold = 90, EvaluationPeriods = 3,
}));
new CfnOutput(stack, "Endpoint", new CfnOutputProps { Value = service.Endpoint });

app.Synth();
