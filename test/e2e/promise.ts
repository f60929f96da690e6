/** A test on the local cloud. The setup has said why it is skipped, or has failed where a skip is not allowed. */
export const promise = process.env.LOCAL_CLOUD_MISSING ? test.skip : test;
