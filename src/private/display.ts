const LONGEST = 200;

/**
 * A wrong value as it may be shown: of objects only the keys, because a value may be a password.
 *
 * JSON, because it keeps `"80"` and `80` apart; numbers that JSON has no word for are written out.
 */
export function display(value: unknown): string {
  const text = Array.isArray(value) ? `[${value.map(displayItem).join(',')}]` : displayItem(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function displayItem(value: unknown): string {
  switch (typeof value) {
    case 'string': return JSON.stringify(masked(value));
    case 'function': return '"a function that was not called"';
    case 'object': return value === null ? 'null' : displayObject(value);
    default: return String(value);
  }
}

function displayObject(value: object): string {
  if (Array.isArray(value)) {
    return 'a list';
  }
  // Constructs and the like have parents, and nobody would know them by their keys.
  return [Object.prototype, null].includes(Object.getPrototypeOf(value))
    ? `{${Object.keys(value).map(masked).join(', ')}}`
    : `an object of class ${value.constructor?.name}`;
}

/** What is before an @ may be user and password, unless a digest follows. */
function masked(text: string): string {
  return text.replace(/^.+@(?!sha\d+:)/s, '***@');
}
