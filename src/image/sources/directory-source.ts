import * as fs from 'fs';
import * as path from 'path';
import { DockerImageAsset, DockerImageAssetOptions, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import { reject } from '../../private/validation';
import { IImageSource, ImageSourceBindOptions, ImageSourceConfig } from '../image-source-contract';

/** An image that Docker builds from a directory. */
export class DirectorySource implements IImageSource {
  constructor(private readonly directory: string, private readonly options: DockerImageAssetOptions) {}

  public bind(scope: Construct, options: ImageSourceBindOptions): ImageSourceConfig {
    checkDirectory(scope, this.directory);
    checkDockerfile(scope, this.directory, this.options.file ?? 'Dockerfile');
    // A build that follows the machine would give an arm64 laptop another image than the CI server.
    const platform = this.options.platform ?? Platform.LINUX_AMD64;
    const asset = new DockerImageAsset(scope, 'Asset', { ...this.options, directory: this.directory, platform });
    asset.repository.grantPull(options.reader);
    return { reference: asset.imageUri, platform: platform.platform };
  }
}

function checkDirectory(scope: Construct, directory: string): void {
  if (!fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    reject(scope, {
      property: 'directory',
      must: 'be an existing directory',
      got: directory,
      cure: `Create ${path.resolve(directory)}, or give the path from the folder in which the CDK app runs.`,
    });
  }
}

function checkDockerfile(scope: Construct, directory: string, file: string): void {
  if (!fs.statSync(path.join(directory, file), { throwIfNoEntry: false })?.isFile()) {
    reject(scope, {
      property: 'file',
      must: 'name a Dockerfile inside the directory',
      got: file,
      cure: `Create ${path.resolve(directory, file)}, or name another file with 'file'.`,
    });
  }
}
