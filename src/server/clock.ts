/**
 * Two clocks, in milliseconds: `wall` for what others date, `monotonic` for how long something
 * took.
 */
export interface Clock {
  wall(): number
  monotonic(): number
}

export const systemClock: Clock = { wall: () => Date.now(), monotonic: () => performance.now() }
