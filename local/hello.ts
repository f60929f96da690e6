/** The example that the demo and the end-to-end test deploy, relative to the project. */
export const HELLO = {
  app: 'examples/hello/app.ts',
  folder: 'examples/hello/app',
  page: 'examples/hello/app/index.html',
  /** The base image of its Dockerfile. */
  baseImage: 'public.ecr.aws/docker/library/busybox:1.37',
};
