/** How an app publishes its images, and where its repositories are. */
export interface Variant {
  /** Name of its file in `apps/`. */
  readonly id: string;
  readonly title: string;
  /** The same app without a construct that fills the repositories, for comparison. */
  readonly baseline?: string;
  /** The largest number of services that is measured. No limit by default. */
  readonly mostServices?: number;
}

// Growth is measured for our two routes and the plain L2s.
const COMPARED = 100;

/** What is measured, in the order of the table. */
export const VARIANTS: readonly Variant[] = [
  { id: 'l2', title: 'plain L2s' },
  { id: 'cdk-ecr-deployment', title: 'cdk-ecr-deployment', baseline: 'l2', mostServices: COMPARED },
  { id: 'cdk-docker-image-deployment', title: 'cdk-docker-image-deployment', baseline: 'l2', mostServices: COMPARED },
  { id: 'direct', title: '**ours, direct**', baseline: 'l2' },
  { id: 'copy', title: '**ours, copy**', baseline: 'l2' },
  { id: 'fargate-service', title: '**ours, copy**, our `FargateService`', baseline: 'l2', mostServices: COMPARED },
  { id: 'l2-one-repository', title: 'plain L2s, one repository', mostServices: COMPARED },
  { id: 'copy-one-repository', title: '**ours, copy**, one repository', baseline: 'l2-one-repository', mostServices: COMPARED },
];
