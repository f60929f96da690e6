// Of the construct and of the function alike: were the two not the same, the rules of a repository would not protect what the function
// marks, and nobody would be told. A live tag ends in digits of a digest, so none of these can begin that.

/** What follows the prefix of an image in the tag of an old version that was deployed again, and is kept for good. */
export const KEPT_TAG = 'kept-';

/** What follows the prefix of an image in the tag that remembers what it was copied from. */
export const SOURCE_TAG = 'source-';
