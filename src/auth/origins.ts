/**
 * Whether a page of this origin may open a connection. A program that is no browser sends none: its
 * token alone decides, since the check guards against other people's pages, not against programs.
 * The own origin is the host that was asked for, which TLS has bound to our certificate.
 */
export function originAllowed(
  allowed: readonly string[],
  origin: string | undefined,
  host: string | undefined,
): boolean {
  if (origin === undefined) return true
  return allowed.includes(origin) || (host !== undefined && origin === `https://${host}`)
}
