import io.github.cdkcontainerdelivery.*;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.CreateAlarmOptions;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.ecs.Cluster;
import software.amazon.awscdk.services.ecs.ContainerInsights;

/** Lifecycle rules, a scan gate, two containers, and a canary deployment with manual approval. */
public class Release {
    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "Release");

        ImageRepository repository = ImageRepository.Builder.create(stack, "Repository")
            .retention(Retention.keepForRollback(2))
            .lifecycleRules(List.of(
                LifecycleRule.archiveUnused(ArchiveUnusedOptions.builder()
                    .images(ImageSelection.tagPrefix("release-")).notPulledFor(Duration.days(45)).build()),
                LifecycleRule.expireArchived(ExpireArchivedOptions.builder()
                    .images(ImageSelection.tagPrefix("release-")).archivedFor(Duration.days(90)).build()),
                LifecycleRule.keepNewest(KeepNewestOptions.builder().images(ImageSelection.tagPrefix("dev-")).count(2).build())))
            .build();
        PublishedImage image = repository.buildAndPushImage("../app", BuildAndPushImageOptions.builder()
            .scanGate(ScanGate.failOn(Severity.HIGH, ScanGateFailOnOptions.builder().waitAtMost(Duration.minutes(20)).build()))
            .build());
        TaskVolume news = TaskVolume.ephemeral("news");

        FargateService service = FargateService.Builder.create(stack, "Service")
            .cluster(Cluster.Builder.create(stack, "Cluster")
                .vpc(Vpc.Builder.create(stack, "Vpc").maxAzs(2).natGateways(1).build())
                .containerInsightsV2(ContainerInsights.ENHANCED)
                .build())
            .containers(Map.of(
                "web", ContainerOptions.builder()
                    .image(image).memoryLimitMiB(64).port(8080)
                    .volumes(Map.of("/www/news", news.readOnly()))
                    .dependsOn(List.of(ContainerDependency.started("writer")))
                    .build(),
                "writer", ContainerOptions.builder()
                    .image(image).memoryLimitMiB(32)
                    .command(List.of("sh", "-c", "while sleep 1; do date > /www/news/index.html; done"))
                    .volumes(Map.of("/www/news", news))
                    .essential(false)
                    .restartPolicy(ContainerRestartPolicy.onExit(
                        ContainerRestartPolicyOnExitOptions.builder().attemptPeriod(Duration.minutes(1)).build()))
                    .build()))
            .exposure(Exposure.publicHttp(PublicHttpOptions.builder()
                .healthCheck(HttpHealthCheck.builder().path("/").interval(Duration.seconds(10)).build())
                .testOpenTo(List.of(Peer.ipv4("203.0.113.0/24")))
                .build()))
            .deployment(Deployment.canary(CanaryOptions.builder()
                .canaryPercent(10)
                .canaryBakeTime(Duration.minutes(10))
                .testPort(8080)
                .hooks(List.of(DeploymentHook.pause(DeploymentHookPauseOptions.builder()
                    .stages(List.of(DeploymentStage.POST_TEST_TRAFFIC_SHIFT)).timeout(Duration.hours(4)).build())))
                .build()))
            .scaling(Scaling.between(2, 6).onCpu(60, OnCpuOptions.builder().scaleInCooldown(Duration.minutes(10)).build()))
            .build();
        service.addRollbackAlarms(service.metricCpuUtilization().createAlarm(stack, "Busy",
            CreateAlarmOptions.builder().alarmName("release-busy").threshold(90).evaluationPeriods(3).build()));
        CfnOutput.Builder.create(stack, "Endpoint").value(service.getEndpoint()).build();

        app.synth();
    }
}
