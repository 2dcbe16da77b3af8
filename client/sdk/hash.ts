import { Sha256 } from '#protocol'

/** SHA-256 over the UTF-8 bytes of `text`, by the browser's own implementation. */
export async function sha256(text: string): Promise<Sha256> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Sha256.parse(
    Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  )
}
