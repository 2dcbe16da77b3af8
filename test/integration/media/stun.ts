import { createHmac } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { IceParameters } from '#protocol'

/** What a browser sends first: a connectivity check that nominates its pair (RFC 8445 §7.2.5, RFC 8489 §14). */
export function bindingRequest({ usernameFragment, password }: IceParameters): Buffer {
  const attributes = Buffer.concat([
    attribute(0x0006, Buffer.from(`${usernameFragment}:browser`)),
    attribute(0x0024, Buffer.from([0x6e, 0, 0, 0xff])),
    attribute(0x802a, Buffer.alloc(8, 1)),
    attribute(0x0025, Buffer.alloc(0)),
  ])
  // Both checks cover a header that already counts them.
  const signed = Buffer.concat([header(attributes.length + 24), attributes])
  const integrity = attribute(0x0008, createHmac('sha1', password).update(signed).digest())
  const whole = Buffer.concat([header(attributes.length + 32), attributes, integrity])
  const fingerprint = Buffer.alloc(4)
  fingerprint.writeUInt32BE((crc32(whole) ^ 0x5354_554e) >>> 0)
  return Buffer.concat([whole, attribute(0x8028, fingerprint)])
}

function header(length: number): Buffer {
  const bytes = Buffer.alloc(20, 7)
  bytes.writeUInt16BE(0x0001, 0)
  bytes.writeUInt16BE(length, 2)
  bytes.writeUInt32BE(0x2112_a442, 4)
  return bytes
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)])
}
