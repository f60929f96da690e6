import { readFileSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { AssetSize, OURS, PEER } from './results';
import { PEER_ASSET } from '../tools/cdk-ecr-deployment';
import { OUR_ASSET } from '../tools/ours';

// A zip archive has a header of 30 bytes and an entry of 46 for each file, each with the name, and 22 bytes at its end.
const ZIP_BYTES_PER_FILE = 30 + 46;
const ZIP_BYTES_AT_END = 22;

/** The size of the assets that are uploaded once per account and region, and downloaded by Lambda at a cold start. */
export function assetSizes(): AssetSize[] {
  return [{ tool: OURS, folder: OUR_ASSET }, { tool: PEER, folder: PEER_ASSET }].map(({ tool, folder }) => {
    const files = readdirSync(folder).map(name => ({ name, content: readFileSync(path.join(folder, name)) }));
    const zipped = files.map(({ name, content }) => deflateRawSync(content, { level: 9 }).length + ZIP_BYTES_PER_FILE + 2 * name.length);
    return { tool, bytes: sum(files.map(({ content }) => content.length)), zippedBytes: sum(zipped) + ZIP_BYTES_AT_END };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
