/** Whose pages may call, by the Origin that browsers name. */
export interface Origins {
  /** A page of another site that was allowed by name. */
  isAllowed(origin: string): boolean;
  /** Such a page, or one of this server's own: from its public address, or from the host that the request came to. */
  mayCall(origin: string, host: string | null): boolean;
}

/** @param allowed as browsers write them, such as `https://portal.example.com`. `null`, which any page can be, is never one of them. */
export function createOrigins(publicUrl: string, allowed: readonly string[]): Origins {
  const ours = new URL(publicUrl).origin;
  const names = new Set(allowed.filter((origin) => origin !== 'null'));
  return {
    isAllowed: (origin) => names.has(origin),
    mayCall: (origin, host) =>
      names.has(origin) || origin === ours || (host !== null && URL.parse(origin)?.host === host.toLowerCase()),
  };
}
