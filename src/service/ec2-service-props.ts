import { ContainerServiceProps } from './container-service-props';

/** Properties of an `Ec2Service`. */
export interface Ec2ServiceProps extends ContainerServiceProps {}
