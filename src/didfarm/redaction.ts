const apiKey = /df_(live|test)_[\w-]+/g;
const longest = 500;

/** Takes the call's secrets out of what DIDfarm said, which may echo them, and keeps it short enough for a log line. */
export function redact(text: string, secrets: readonly string[]): string {
  const without = secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  return without.replace(apiKey, '[redacted]').slice(0, longest);
}
