/**
 * What `parse` makes of a payload, or null where it runs over the end. Attacker-controlled: whoever is in the call can
 * send any bytes, and must not be able to end the recording with them.
 */
export function descriptorOf<T>(payload: Uint8Array, parse: (bytes: Buffer) => T): T | null {
  try {
    return parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength))
  } catch (error) {
    // The library reads bytes that are not there as undefined.
    if (error instanceof TypeError || error instanceof RangeError) return null
    throw error
  }
}
