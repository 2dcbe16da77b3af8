/** How long one Opus packet plays, in milliseconds, from its first bytes (RFC 6716 §3.1, §3.2.5); 0 for an empty one. */
export function opusDurationMs(packet: Uint8Array): number {
  const [toc, count = 0] = packet
  if (toc === undefined) return 0
  switch (toc & 0b11) {
    case 0:
      return frameMs(toc >> 3)
    case 1:
    case 2:
      return 2 * frameMs(toc >> 3)
    default:
      return (count & 0b11_1111) * frameMs(toc >> 3)
  }
}

/** The identification header that Matroska keeps as codec private (RFC 7845 §5.1). */
export function opusHead(channels: number): Uint8Array {
  const head = new Uint8Array(19)
  const view = new DataView(head.buffer)
  head.set(new TextEncoder().encode('OpusHead'))
  view.setUint8(8, 1)
  view.setUint8(9, channels)
  // Pre-skip 0: we come in mid-stream, where no encoder delay is left to cut away.
  view.setUint16(10, 0, true)
  view.setUint32(12, 48_000, true)
  return head
}

/** RFC 6716, table 2. */
function frameMs(config: number): number {
  if (config < 12) return [10, 20, 40, 60][config & 0b11] ?? 0
  if (config < 16) return [10, 20][config & 0b1] ?? 0
  return [2.5, 5, 10, 20][config & 0b11] ?? 0
}
