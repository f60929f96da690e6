/** What the code does with each value of an enum of AWS, in words. A new value of AWS fails the test until somebody decides. */
export const ENUMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {};
/** Enums in responses whose values no code reads. */
export const ENUMS_WITHOUT_MEANING: Readonly<Record<string, string>> = {};
