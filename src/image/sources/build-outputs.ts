import { IConstruct } from 'constructs';
import { reject } from '../../private/validation';

// The output types that store the image in Docker. The CDK CLI tags the image there and pushes it.
const IN_DOCKER = ['docker', 'image', 'registry'];

/**
 * Checks that the outputs of a build include an image in Docker, which the CDK CLI pushes. Without outputs, Docker stores the image.
 *
 * @see https://docs.docker.com/build/exporters/
 */
export function checkOutputs(scope: IConstruct, outputs: readonly string[] | undefined): void {
  if (outputs === undefined || outputs.length === 0 || outputs.some(isInDocker)) return;
  reject(scope, {
    property: 'outputs', must: 'leave an image in Docker, because the CDK CLI pushes it from there', got: outputs,
    fix: 'Leave out \'outputs\', or add \'type=docker\'. To publish an archive that a build has written, use ImageSource.tarball.',
  });
}

function isInDocker(output: string): boolean {
  const fields = new Map(output.split(',').map(field => {
    const [name, ...value] = field.replace(/^"|"$/g, '').split('=');
    return [name.trim().toLowerCase(), value.join('=')];
  }));
  // With a destination, Docker only writes a file.
  return IN_DOCKER.includes(fields.get('type') ?? '') && !(fields.get('type') === 'docker' && fields.has('dest'));
}
