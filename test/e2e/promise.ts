/** A test on the local cloud. If the cloud is missing, the setup has printed the reason, or has failed if skipping is not allowed. */
export const promise = process.env.LOCAL_CLOUD_MISSING ? test.skip : test;
