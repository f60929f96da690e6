import { IConstruct } from 'constructs';
import { TextRule, checkValue } from '../private/shape';

/** The level of detail of a provenance attestation. */
export enum ProvenanceDetail {
  /** Base images, platforms, times and the version of BuildKit. */
  MIN = 'min',
  /** Also the build definition: the Dockerfile, its steps, and the values of build arguments. */
  MAX = 'max',
}

const GENERATOR: TextRule = { kind: 'text', pattern: /^[^\s,="']+$/, must: 'be the reference of an image', fix: 'Write it like "docker/buildkit-syft-scanner:1.9.0".' };

/**
 * A statement of BuildKit about an image. It is stored as a referrer of the image, so the image itself stays one manifest, which Lambda requires.
 *
 * @see https://docs.docker.com/build/metadata/attestations/
 */
export class BuildAttestation {
  /**
   * How the image was built, in the format of SLSA.
   *
   * @param detail whether build arguments and steps are part of it
   * @see https://docs.docker.com/build/metadata/attestations/slsa-provenance/
   */
  public static provenance(detail: ProvenanceDetail = ProvenanceDetail.MIN): BuildAttestation {
    return new BuildAttestation(scope => {
      checkValue(scope, 'detail', detail, {
        kind: 'enum', values: Object.values(ProvenanceDetail), must: 'be a ProvenanceDetail', fix: 'Use ProvenanceDetail.MIN or ProvenanceDetail.MAX.',
      });
      return `--provenance=mode=${detail}`;
    });
  }

  /**
   * The packages in the image (SBOM), in the format of SPDX.
   *
   * @param generator the image that finds them. By default, BuildKit pulls `docker/buildkit-syft-scanner:stable-1` from Docker Hub
   * @see https://docs.docker.com/build/metadata/attestations/sbom/
   */
  public static sbom(generator?: string): BuildAttestation {
    return new BuildAttestation(scope => {
      checkValue(scope, 'generator', generator, GENERATOR);
      return generator === undefined ? '--sbom=true' : `--sbom=generator=${generator}`;
    });
  }

  private constructor(private readonly flag: (scope: IConstruct) => string) {}

  /**
   * The flag of `docker buildx build`. Throws for invalid settings.
   *
   * @internal
   */
  public _flag(scope: IConstruct): string {
    return this.flag(scope);
  }
}
