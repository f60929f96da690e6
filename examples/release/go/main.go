package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
	delivery "github.com/cdk-container-delivery/cdk-container-delivery-go/cdkcontainerdelivery"
)

// Lifecycle rules, a scan gate, two containers, and a canary deployment with manual approval.
func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Release"), nil)

	repository := delivery.NewImageRepository(stack, jsii.String("Repository"), &delivery.ImageRepositoryProps{
		Retention: delivery.Retention_KeepForRollback(jsii.Number(2)),
		LifecycleRules: &[]delivery.LifecycleRule{
			delivery.LifecycleRule_ArchiveUnused(&delivery.ArchiveUnusedOptions{
				Images:       delivery.ImageSelection_TagPrefix(jsii.String("release-")),
				NotPulledFor: awscdk.Duration_Days(jsii.Number(45)),
			}),
			delivery.LifecycleRule_ExpireArchived(&delivery.ExpireArchivedOptions{
				Images:      delivery.ImageSelection_TagPrefix(jsii.String("release-")),
				ArchivedFor: awscdk.Duration_Days(jsii.Number(90)),
			}),
			delivery.LifecycleRule_KeepNewest(&delivery.KeepNewestOptions{
				Images: delivery.ImageSelection_TagPrefix(jsii.String("dev-")),
				Count:  jsii.Number(2),
			}),
		},
	})
	image := repository.BuildAndPushImage(jsii.String("../app"), &delivery.BuildAndPushImageOptions{
		ScanGate: delivery.ScanGate_FailOn(delivery.Severity_HIGH, &delivery.ScanGateFailOnOptions{
			WaitAtMost: awscdk.Duration_Minutes(jsii.Number(20)),
		}),
	})
	news := delivery.TaskVolume_Ephemeral(jsii.String("news"))

	service := delivery.NewFargateService(stack, jsii.String("Service"), &delivery.FargateServiceProps{
		Cluster: awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{
			Vpc:                 awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{MaxAzs: jsii.Number(2), NatGateways: jsii.Number(1)}),
			ContainerInsightsV2: awsecs.ContainerInsights_ENHANCED,
		}),
		Containers: &map[string]*delivery.ContainerOptions{
			"web": {
				Image:          image,
				MemoryLimitMiB: jsii.Number(64),
				Port:           jsii.Number(8080),
				Volumes:        &map[string]delivery.TaskVolume{"/www/news": news.ReadOnly()},
				DependsOn:      &[]delivery.ContainerDependency{delivery.ContainerDependency_Started(jsii.String("writer"))},
			},
			"writer": {
				Image:          image,
				MemoryLimitMiB: jsii.Number(32),
				Command:        jsii.Strings("sh", "-c", "while sleep 1; do date > /www/news/index.html; done"),
				Volumes:        &map[string]delivery.TaskVolume{"/www/news": news},
				Essential:      jsii.Bool(false),
				RestartPolicy: delivery.ContainerRestartPolicy_OnExit(&delivery.ContainerRestartPolicyOnExitOptions{
					AttemptPeriod: awscdk.Duration_Minutes(jsii.Number(1)),
				}),
			},
		},
		Exposure: delivery.Exposure_PublicHttp(&delivery.PublicHttpOptions{
			HealthCheck: &delivery.HttpHealthCheck{Path: jsii.String("/"), Interval: awscdk.Duration_Seconds(jsii.Number(10))},
			TestOpenTo:  &[]awsec2.IConnectable{awsec2.Peer_Ipv4(jsii.String("203.0.113.0/24"))},
		}),
		Deployment: delivery.Deployment_Canary(&delivery.CanaryOptions{
			CanaryPercent:  jsii.Number(10),
			CanaryBakeTime: awscdk.Duration_Minutes(jsii.Number(10)),
			TestPort:       jsii.Number(8080),
			Hooks: &[]delivery.DeploymentHook{
				delivery.DeploymentHook_Pause(&delivery.DeploymentHookPauseOptions{
					Stages:  &[]delivery.DeploymentStage{delivery.DeploymentStage_POST_TEST_TRAFFIC_SHIFT},
					Timeout: awscdk.Duration_Hours(jsii.Number(4)),
				}),
			},
		}),
		Scaling: delivery.Scaling_Between(jsii.Number(2), jsii.Number(6)).OnCpu(jsii.Number(60), &delivery.OnCpuOptions{
			ScaleInCooldown: awscdk.Duration_Minutes(jsii.Number(10)),
		}),
	})
	service.AddRollbackAlarms(service.MetricCpuUtilization(nil).CreateAlarm(stack, jsii.String("Busy"), &awscloudwatch.CreateAlarmOptions{
		AlarmName:         jsii.String("release-busy"),
		Threshold:         jsii.Number(90),
		EvaluationPeriods: jsii.Number(3),
	}))
	awscdk.NewCfnOutput(stack, jsii.String("Endpoint"), &awscdk.CfnOutputProps{Value: service.Endpoint()})

	app.Synth(nil)
}
