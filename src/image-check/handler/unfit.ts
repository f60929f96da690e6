/** Why an image cannot run, and what to do about it. */
export class Unfit extends Error {
  constructor(why: string, cure: string) {
    super(`${why}; ${cure}`);
  }
}
