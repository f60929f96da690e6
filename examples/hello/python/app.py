from aws_cdk import App, CfnOutput, Duration, Stack
from aws_cdk.aws_ec2 import SubnetConfiguration, SubnetSelection, SubnetType, Vpc
from aws_cdk.aws_ecs import Cluster, ContainerInsights
from cdk_container_delivery import ContainerOptions, Exposure, FargateService, ImageRepository, LifecycleRule

app = App()
stack = Stack(app, "Hello")
# Public subnets only, so there is no NAT gateway to pay for.
vpc = Vpc(stack, "Vpc",
    max_azs=2,
    nat_gateways=0,
    subnet_configuration=[SubnetConfiguration(name="Public", subnet_type=SubnetType.PUBLIC)],
)
cluster = Cluster(stack, "Cluster", vpc=vpc, container_insights_v2=ContainerInsights.ENHANCED)

repository = ImageRepository(stack, "Repository",
    lifecycle_rules=[LifecycleRule.expire_untagged(older_than=Duration.days(7))],
)
image = repository.build_and_push_image("../app")

service = FargateService(stack, "Service",
    cluster=cluster,
    vpc_subnets=SubnetSelection(subnet_type=SubnetType.PUBLIC),
    desired_count=2,
    # A struct and not a dict: jsii drops a misspelled key of a dict.
    containers={"web": ContainerOptions(image=image, memory_limit_mib=128, port=8080)},
    exposure=Exposure.public_http(),
)
CfnOutput(stack, "Endpoint", value=service.endpoint)
CfnOutput(stack, "Image", value=image.image_uri)

app.synth()
