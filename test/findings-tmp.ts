import { awsSolutions, compliance, isOurs } from '/work/main/test/helpers/nag';
async function main() {
  const { app } = await import(process.argv[2]);
  console.log('JSON' + JSON.stringify([...awsSolutions(app), ...compliance(app).filter(isOurs)]));
}
main();
