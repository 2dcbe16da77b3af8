import { Decrypter } from 'age-encryption'
import { CallError } from '#protocol'

/** Opens what was sealed to one of the given identities. */
export interface Unsealer {
  /** Null when it was sealed to others, or is damaged. */
  open(sealed: Uint8Array): Promise<Uint8Array | null>
}

/** `identityFile`: as age keeps it, `AGE-SECRET-KEY-1…` lines and comments. Throws BAD_REQUEST when there is none. */
export function unsealWith(identityFile: string): Unsealer {
  const decrypter = new Decrypter()
  addIdentities(decrypter, identityFile)
  return {
    async open(sealed) {
      try {
        return await decrypter.decrypt(sealed)
      } catch (error) {
        // The library tells by text alone why, and for the caller it makes no difference.
        if (error instanceof Error) return null
        throw error
      }
    },
  }
}

export function addIdentities(decrypter: Decrypter, identityFile: string): void {
  const lines = identityFile.split('\n').map((line) => line.trim())
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (identities.length === 0)
    throw new CallError('BAD_REQUEST', 'the identity file holds no line AGE-SECRET-KEY-1…')
  for (const identity of identities) add(decrypter, identity)
}

function add(decrypter: Decrypter, identity: string): void {
  try {
    decrypter.addIdentity(identity)
  } catch (cause) {
    throw new CallError('BAD_REQUEST', 'a line of the identity file is no age identity', { cause })
  }
}
