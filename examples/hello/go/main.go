package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
	delivery "github.com/cdk-container-delivery/cdk-container-delivery-go/cdkcontainerdelivery"
)

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Hello"), nil)
	// Public subnets only, so there is no NAT gateway to pay for.
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{
		MaxAzs:      jsii.Number(2),
		NatGateways: jsii.Number(0),
		SubnetConfiguration: &[]*awsec2.SubnetConfiguration{
			{Name: jsii.String("Public"), SubnetType: awsec2.SubnetType_PUBLIC},
		},
	})
	cluster := awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{
		Vpc:                 vpc,
		ContainerInsightsV2: awsecs.ContainerInsights_ENHANCED,
	})

	repository := delivery.NewImageRepository(stack, jsii.String("Repository"), &delivery.ImageRepositoryProps{
		LifecycleRules: &[]delivery.LifecycleRule{
			delivery.LifecycleRule_ExpireUntagged(&delivery.ExpireUntaggedOptions{
				OlderThan: awscdk.Duration_Days(jsii.Number(7)),
			}),
		},
	})
	image := repository.BuildAndPushImage(jsii.String("../app"), nil)

	service := delivery.NewFargateService(stack, jsii.String("Service"), &delivery.FargateServiceProps{
		Cluster:      cluster,
		VpcSubnets:   &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PUBLIC},
		DesiredCount: jsii.Number(2),
		Containers: &map[string]*delivery.ContainerOptions{
			"web": {Image: image, MemoryLimitMiB: jsii.Number(128), Port: jsii.Number(8080)},
		},
		Exposure: delivery.Exposure_PublicHttp(nil),
	})
	awscdk.NewCfnOutput(stack, jsii.String("Endpoint"), &awscdk.CfnOutputProps{Value: service.Endpoint()})
	awscdk.NewCfnOutput(stack, jsii.String("Image"), &awscdk.CfnOutputProps{Value: image.ImageUri()})

	app.Synth(nil)
}
