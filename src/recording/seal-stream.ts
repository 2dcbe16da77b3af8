import { Decrypter, Encrypter } from 'age-encryption'
import { CallError } from '#protocol'
import { addIdentities } from './unseal.ts'

/**
 * One age file (C2SP age v1) of any length, in memory only piece by piece. `recipients`: public keys (`age1…`). Throws
 * BAD_REQUEST for one that is none.
 */
export async function sealStream(
  recipients: readonly string[],
  plaintext: AsyncIterable<Uint8Array>,
): Promise<AsyncIterable<Uint8Array>> {
  const encrypter = new Encrypter()
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient)
    } catch (cause) {
      throw new CallError('BAD_REQUEST', 'a recipient is no age public key (age1…)', { cause })
    }
  }
  return pieces(await encrypter.encrypt(streamOf(plaintext)))
}

/** Opens one, as the pieces are asked for. Throws BAD_REQUEST when it was sealed to others; what is damaged fails on the way. */
export async function unsealStream(
  identityFile: string,
  sealed: AsyncIterable<Uint8Array>,
): Promise<AsyncIterable<Uint8Array>> {
  const decrypter = new Decrypter()
  addIdentities(decrypter, identityFile)
  try {
    return pieces(await decrypter.decrypt(streamOf(sealed)))
  } catch (cause) {
    throw new CallError('BAD_REQUEST', 'this is no age file, or it was sealed to others', { cause })
  }
}

function streamOf(bytes: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await iterator.next()
      if (done === true) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await iterator.return?.()
    },
  })
}

async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel()
  }
}
