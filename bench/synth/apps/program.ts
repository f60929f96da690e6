// The measured program, one run each: node program.js <variant> <services> <folder of build contexts> <output>
import { performance } from 'node:perf_hooks';
import { App } from 'aws-cdk-lib';
import type { BuildApp } from './scene';

async function main([variant, services, folder, outdir]: string[]): Promise<void> {
  const { build } = await import(`./${variant}.js`) as { build: BuildApp };
  const loaded = performance.now();
  // The default would stop at 500 resources.
  const app = new App({ outdir, context: { '@aws-cdk/core:stackResourceLimit': 0 } });
  build(app, folder, Number(services));
  const constructed = performance.now();
  app.synth();
  const synthesized = performance.now();
  // The clock of Node.js starts with the process.
  const phases = { load: loaded, construct: constructed - loaded, synth: synthesized - constructed };
  process.stdout.write(`${JSON.stringify(phases)}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
