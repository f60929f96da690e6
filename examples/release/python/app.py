from aws_cdk import App, CfnOutput, Duration, Stack
from aws_cdk.aws_ec2 import Peer, Vpc
from aws_cdk.aws_ecs import Cluster, ContainerInsights
from cdk_container_delivery import (
    ContainerDependency, ContainerOptions, ContainerRestartPolicy, Deployment, DeploymentHook, DeploymentStage, Exposure, FargateService,
    HttpHealthCheck, ImageRepository, ImageSelection, LifecycleRule, Retention, Scaling, ScanGate, Severity, TaskVolume,
)

# Lifecycle rules, a scan gate, two containers, and a canary deployment with manual approval.
app = App()
stack = Stack(app, "Release")

repository = ImageRepository(stack, "Repository",
    retention=Retention.keep_for_rollback(2),
    lifecycle_rules=[
        LifecycleRule.archive_unused(images=ImageSelection.tag_prefix("release-"), not_pulled_for=Duration.days(45)),
        LifecycleRule.expire_archived(images=ImageSelection.tag_prefix("release-"), archived_for=Duration.days(90)),
        LifecycleRule.keep_newest(images=ImageSelection.tag_prefix("dev-"), count=2),
    ],
)
image = repository.build_and_push_image("../app", scan_gate=ScanGate.fail_on(Severity.HIGH, wait_at_most=Duration.minutes(20)))
news = TaskVolume.ephemeral("news")

service = FargateService(stack, "Service",
    cluster=Cluster(stack, "Cluster", vpc=Vpc(stack, "Vpc", max_azs=2, nat_gateways=1), container_insights_v2=ContainerInsights.ENHANCED),
    containers={
        "web": ContainerOptions(
            image=image, memory_limit_mib=64, port=8080,
            volumes={"/www/news": news.read_only()},
            depends_on=[ContainerDependency.started("writer")],
        ),
        "writer": ContainerOptions(
            image=image, memory_limit_mib=32,
            command=["sh", "-c", "while sleep 1; do date > /www/news/index.html; done"],
            volumes={"/www/news": news},
            essential=False,
            restart_policy=ContainerRestartPolicy.on_exit(attempt_period=Duration.minutes(1)),
        ),
    },
    exposure=Exposure.public_http(
        health_check=HttpHealthCheck(path="/", interval=Duration.seconds(10)),
        test_open_to=[Peer.ipv4("203.0.113.0/24")],
    ),
    deployment=Deployment.canary(
        canary_percent=10,
        canary_bake_time=Duration.minutes(10),
        test_port=8080,
        hooks=[DeploymentHook.pause(stages=[DeploymentStage.POST_TEST_TRAFFIC_SHIFT], timeout=Duration.hours(4))],
    ),
    scaling=Scaling.between(2, 6).on_cpu(60, scale_in_cooldown=Duration.minutes(10)),
)
service.add_rollback_alarms(
    service.metric_cpu_utilization().create_alarm(stack, "Busy", alarm_name="release-busy", threshold=90, evaluation_periods=3))
CfnOutput(stack, "Endpoint", value=service.endpoint)

app.synth()
