/**
 * A moment of a deployment at which a hook is called. Blue is the version that clients use, green the new one.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html#blue-green-deployment-stages
 */
export enum DeploymentStage {
  /** Another deployment is still under way while this one begins. */
  RECONCILE_SERVICE = 'RECONCILE_SERVICE',
  /** No task of green has been started. */
  PRE_SCALE_UP = 'PRE_SCALE_UP',
  /** All tasks of green run, and no client reaches them. */
  POST_SCALE_UP = 'POST_SCALE_UP',
  /** The test listener is moved to green. Called in a rollback too. For Lambda functions only. */
  TEST_TRAFFIC_SHIFT = 'TEST_TRAFFIC_SHIFT',
  /** The test listener reaches green, clients reach blue: the time for tests and for approval. */
  POST_TEST_TRAFFIC_SHIFT = 'POST_TEST_TRAFFIC_SHIFT',
  /** Before clients are moved; in linear and canary deployments before each step. */
  PRE_PRODUCTION_TRAFFIC_SHIFT = 'PRE_PRODUCTION_TRAFFIC_SHIFT',
  /** Clients are moved; in linear and canary deployments at each step. Called in a rollback too. For Lambda functions only. */
  PRODUCTION_TRAFFIC_SHIFT = 'PRODUCTION_TRAFFIC_SHIFT',
  /** All clients reach green, and blue still runs. */
  POST_PRODUCTION_TRAFFIC_SHIFT = 'POST_PRODUCTION_TRAFFIC_SHIFT',
}

/** What becomes of a deployment when nobody has decided in time. */
export enum HookTimeoutAction {
  /** It goes on. */
  CONTINUE = 'CONTINUE',
  /** It goes back. */
  ROLLBACK = 'ROLLBACK',
}
