import * as path from 'path';
import { Duration, Stack, StackProps } from 'aws-cdk-lib';
import { ImageRepository, ImageSelection, LifecycleRule, PublishedImage, Retention } from 'cdk-container-delivery';
import { Construct } from 'constructs';

/** A repository that several people and this app push to. */
export class LifecycleStack extends Stack {
  public readonly repository: ImageRepository;
  public readonly image: PublishedImage;

  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    this.repository = new ImageRepository(this, 'Repository', {
      // Images that this app publishes: keep the deployed one and two for rollback.
      retention: Retention.keepForRollback(2),
      // Images that others push:
      lifecycleRules: [
        LifecycleRule.archiveUnused({ images: ImageSelection.tagPrefix('release-'), notPulledFor: Duration.days(45) }),
        LifecycleRule.expireArchived({ images: ImageSelection.tagPrefix('release-'), archivedFor: Duration.days(90) }),
        LifecycleRule.keepNewest({ images: ImageSelection.tagPrefix('dev-'), count: 2 }),
      ],
    });
    this.image = this.repository.buildAndPushImage(path.join(__dirname, 'app'));
  }
}
