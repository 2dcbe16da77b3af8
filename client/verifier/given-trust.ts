/** The policy that a server put into this page when it gave it out, so that a copy of it still knows whom to trust. */
export interface GivenTrust {
  readonly host: string
  readonly policy: string
}

/** Null in a page that no server gave out. */
export function givenTrust(document: Pick<Document, 'getElementById'>): GivenTrust | null {
  const given: unknown = JSON.parse(document.getElementById('trust')?.textContent ?? 'null')
  if (typeof given !== 'object' || given === null) return null
  if (!('host' in given) || !('policy' in given)) return null
  const { host, policy } = given
  return typeof host === 'string' && typeof policy === 'string' ? { host, policy } : null
}
