const { default: Sequencer } = require('@jest/test-sequencer');

/** One story in several files: by name, and what is left behind comes last. */
module.exports = class extends Sequencer {
  sort(tests) {
    return [...tests].sort((one, other) => one.path < other.path ? -1 : 1);
  }
};
