const { default: Sequencer } = require('@jest/test-sequencer');

/** One story in several files, sorted by name. The file about what is left behind comes last. */
module.exports = class extends Sequencer {
  sort(tests) {
    return [...tests].sort((one, other) => one.path < other.path ? -1 : 1);
  }
};
