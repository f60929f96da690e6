/** A CloudFormation custom resource event, as far as it is used. */
export interface CustomResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  /** Always there in events of CloudFormation; who calls the function by hand may forget it. */
  readonly ResourceProperties?: Readonly<Record<string, unknown>>;
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
  /** Added by this function when it calls itself to go on. */
  readonly Continuation?: Continuation;
}

/** How an event got into a further invocation. */
export interface Continuation {
  /** 1 for the second invocation. */
  readonly Hop: number;

  /**
   * When the first invocation began, in milliseconds since 1970.
   *
   * @default - with this invocation
   */
  readonly Since?: number;

  /**
   * What the work asked to be reminded of.
   *
   * @default - nothing
   */
  readonly Memo?: string;
}

/** The Lambda context, as far as it is used. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
}
