import { Encrypter } from 'age-encryption'

/** Seals bytes so that only the readers can open them; nobody here holds a key that does. */
export interface Sealer {
  /** A complete age file (C2SP age v1), openable by itself. */
  seal(plaintext: Uint8Array): Promise<Uint8Array>
}

/** `recipients`: the readers' public keys (`age1…`). Throws for one that is none. */
export function sealTo(recipients: readonly string[]): Sealer {
  if (recipients.length === 0) throw new RangeError('a recording needs at least one reader')
  const encrypter = new Encrypter()
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  return { seal: (plaintext) => encrypter.encrypt(plaintext) }
}
