import { randomFillSync } from 'node:crypto'

/** Random bytes for salts and initialisation vectors, which nobody else gets. Drawn in advance: a call costs more than bytes. */
export function drawBytes(count: number): Uint8Array {
  if (pool.length < count) pool = randomFillSync(new Uint8Array(Math.max(poolBytes, count)))
  const drawn = pool.subarray(0, count)
  pool = pool.subarray(count)
  return drawn
}

let pool = new Uint8Array(0)
const poolBytes = 16_384
