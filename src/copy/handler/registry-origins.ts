/**
 * Reads `REGISTRY_ORIGINS`: a JSON object from exact registry hosts to the origins they really listen on.
 *
 * Only local clouds need it, whose ECR host names exist in no DNS. The constructs never set it.
 */
export function registryOrigins(json: string | undefined): Readonly<Record<string, string>> {
  if (json === undefined || json === '') return {};
  try {
    const entries = Object.entries<unknown>(JSON.parse(json));
    return Object.fromEntries(entries.map(([host, origin]) => [host, new URL(String(origin)).origin]));
  } catch {
    throw new Error('the environment variable REGISTRY_ORIGINS must be a JSON object of registry hosts and origins');
  }
}
