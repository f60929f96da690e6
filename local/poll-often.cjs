// The CDK CLI looks every 5 seconds whether a stack is done. On the local cloud a stack takes less than that.
const { setTimeout: wait } = globalThis;
const sooner = (callback, milliseconds, ...rest) => wait(callback, milliseconds === 5000 ? 500 : milliseconds, ...rest);
globalThis.setTimeout = Object.defineProperties(sooner, Object.getOwnPropertyDescriptors(wait));
