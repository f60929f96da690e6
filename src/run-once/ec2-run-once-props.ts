import { OneOffTaskProps } from './one-off-task-props';

/** Properties of an `Ec2RunOnce`. */
export interface Ec2RunOnceProps extends OneOffTaskProps {}
