import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'

/** A fixed time for all token tests, in milliseconds. */
export const now = Date.UTC(2030, 0, 1)
export const seconds = Math.floor(now / 1000)

export const grants = {
  publish: ['microphone', 'camera'],
  subscribe: true,
  host: false,
  record: false,
}

/** Claims of a good token; a test changes what it is about. */
export const goodClaims = (): Record<string, unknown> => ({
  iss: 'https://id.example.org',
  aud: 'assent',
  sub: 'user-7',
  room: 'weekly',
  grants,
  iat: seconds,
  nbf: seconds,
  exp: seconds + 3600,
})

export interface TestKey {
  readonly kid: string
  readonly alg: string
  readonly publicJwk: JWK
  readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']
}

export async function testKey(alg: string, kid = `${alg}-1`): Promise<TestKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return {
    kid,
    alg,
    privateKey,
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
  }
}

export function sign(
  key: TestKey,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
    .sign(key.privateKey)
}

export const encoded = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url')
