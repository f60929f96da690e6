import io.github.cdkcontainerdelivery.*;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.SubnetConfiguration;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.ec2.SubnetType;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.ecs.Cluster;
import software.amazon.awscdk.services.ecs.ContainerInsights;

public class Hello {
    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "Hello");
        // Public subnets only, so there is no NAT gateway to pay for.
        Vpc vpc = Vpc.Builder.create(stack, "Vpc")
            .maxAzs(2)
            .natGateways(0)
            .subnetConfiguration(List.of(SubnetConfiguration.builder().name("Public").subnetType(SubnetType.PUBLIC).build()))
            .build();
        Cluster cluster = Cluster.Builder.create(stack, "Cluster").vpc(vpc).containerInsightsV2(ContainerInsights.ENHANCED).build();

        ImageRepository repository = ImageRepository.Builder.create(stack, "Repository")
            .lifecycleRules(List.of(LifecycleRule.expireUntagged(ExpireUntaggedOptions.builder().olderThan(Duration.days(7)).build())))
            .build();
        PublishedImage image = repository.buildAndPushImage("../app");

        FargateService service = FargateService.Builder.create(stack, "Service")
            .cluster(cluster)
            .vpcSubnets(SubnetSelection.builder().subnetType(SubnetType.PUBLIC).build())
            .desiredCount(2)
            .containers(Map.of("web", ContainerOptions.builder().image(image).memoryLimitMiB(128).port(8080).build()))
            .exposure(Exposure.publicHttp())
            .build();
        CfnOutput.Builder.create(stack, "Endpoint").value(service.getEndpoint()).build();
        CfnOutput.Builder.create(stack, "Image").value(image.getImageUri()).build();

        app.synth();
    }
}
