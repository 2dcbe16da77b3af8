import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TrackClock } from '../../../src/recording/recorder/clock.ts'
import { SenderClock } from '../../../src/recording/recorder/sender-clock.ts'

const start = 1_700_000_000_000

test('with reports, two tracks of a person line up whatever the way of their packets', () => {
  const sender = new SenderClock()
  const audio = new TrackClock(48_000, sender)
  const video = new TrackClock(90_000, sender)
  // A device one hour ahead; video takes 180 ms from camera to us, audio 20.
  const skew = 3_600_000
  audio.report({ ssrc: 1, ntpMs: start + skew, rtp: 1_000 })
  video.report({ ssrc: 2, ntpMs: start + skew, rtp: 4_000_000_000 })
  for (let ms = 0; ms <= 4_000; ms += 20) audio.observe(1_000 + ms * 48, start + ms + 20)
  for (let ms = 0; ms <= 4_000; ms += 40)
    video.observe((4_000_000_000 + ms * 90) % 2 ** 32, start + ms + 180)
  const heard = audio.timeOf(1_000 + 4_000 * 48, start + 4_020)
  const seen = video.timeOf((4_000_000_000 + 4_000 * 90) % 2 ** 32, start + 4_180)
  expect(Math.abs(heard - seen)).toBeLessThan(1)
  expect(heard).toBeCloseTo(start + 4_020, 0)
})

test('without a report, time follows the packets that came the shortest way', () => {
  const clock = new TrackClock(48_000, new SenderClock())
  clock.observe(0, start + 90)
  clock.observe(960, start + 30)
  clock.observe(1920, start + 120)
  expect(clock.timeOf(0, start + 90)).toBeCloseTo(start + 10, 6)
  expect(clock.timeOf(960, start + 30)).toBeCloseTo(start + 30, 6)
})

test('a late first report is followed gently and time never goes back', () => {
  const sender = new SenderClock()
  const clock = new TrackClock(48_000, sender)
  const times: number[] = []
  for (let i = 0; i < 500; i++) {
    const rtp = i * 960
    const arrivedAt = start + i * 20 + 150
    if (i === 100) {
      // Another track of the same device shows that the shortest way is 30 ms, not 150.
      sender.observe(start, start + 30)
      clock.report({ ssrc: 1, ntpMs: start, rtp: 0 })
    }
    clock.observe(rtp, arrivedAt)
    times.push(clock.timeOf(rtp, arrivedAt))
  }
  const steps = times.slice(1).map((time, i) => time - times[i]!)
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(19)
  expect(Math.max(...steps)).toBeLessThanOrEqual(21)
  expect(Math.abs(times.at(-1)! - (start + 499 * 20 + 30))).toBeLessThanOrEqual(1)
})

test('reports that differ a little do not make frames dance', () => {
  const clock = new TrackClock(48_000, new SenderClock())
  const times = Array.from({ length: 200 }, (_, i) => {
    clock.report({ ssrc: 1, ntpMs: start + i * 20 + (i % 7), rtp: i * 960 })
    clock.observe(i * 960, start + i * 20 + 30)
    return clock.timeOf(i * 960, start + i * 20 + 30)
  })
  expect(new Set(times.slice(1).map((time, i) => time - times[i]!))).toEqual(new Set([20]))
})

test('people stay where they were placed until they are off by a tenth of a second, and are then moved gently', () => {
  const sender = new SenderClock()
  sender.observe(start, start + 90)
  expect(sender.placement(start)).toBe(90)
  sender.observe(start, start + 10)
  expect(sender.placement(start + 1_000)).toBe(90)
  sender.observe(start, start - 20)
  expect(sender.placement(start + 2_000)).toBe(85)
  expect(sender.placement(start + 12_000)).toBe(35)
  expect(sender.placement(start + 60_000)).toBe(-20)
})

test('a gap of the sender stays a gap', () => {
  const clock = new TrackClock(48_000, new SenderClock())
  clock.observe(0, start)
  clock.observe(48_000 * 30, start + 30_000)
  const first = clock.timeOf(0, start)
  expect(clock.timeOf(48_000 * 30, start + 30_000) - first).toBe(30_000)
})

test.each([
  [48_000, 24.8],
  [90_000, 13.2],
])('the wrap of 32 bits at %i ticks a second, after %f hours, goes unnoticed', (rate, hours) => {
  const clock = new TrackClock(rate, new SenderClock())
  const stepMs = 60_000
  const total = Math.ceil((hours * 3_600_000) / stepMs) + 5
  expect((total * stepMs * rate) / 1000).toBeGreaterThan(2 ** 32)
  const times = Array.from({ length: total }, (_, i) => {
    const rtp = (4_000_000_000 + i * stepMs * (rate / 1000)) % 2 ** 32
    clock.observe(rtp, start + i * stepMs)
    return clock.timeOf(rtp, start + i * stepMs)
  })
  expect(times.at(-1)).toBeCloseTo(start + (total - 1) * stepMs, 3)
})

test.each([true, false])(
  'across the wrap frames keep their distances although packets come unevenly (reports: %s)',
  (hasReports) => {
    const clock = new TrackClock(90_000, new SenderClock())
    const times = Array.from({ length: 100 }, (_, i) => {
      const rtp = (2 ** 32 - 50 * 1_800 + i * 1_800) % 2 ** 32
      if (hasReports && i === 0) clock.report({ ssrc: 1, ntpMs: start, rtp })
      const arrivedAt = start + i * 20 + (i === 0 ? 0 : (i * 13) % 40)
      clock.observe(rtp, arrivedAt)
      return clock.timeOf(rtp, arrivedAt) - start
    })
    expect(times.map(Math.round)).toEqual(Array.from({ length: 100 }, (_, i) => i * 20))
  },
)

test('of several reports the one counts whose clock the stream runs by', () => {
  const clock = new TrackClock(90_000, new SenderClock())
  clock.report({ ssrc: 1, ntpMs: start, rtp: 2_000_000_000 })
  clock.report({ ssrc: 2, ntpMs: start, rtp: 500 })
  clock.observe(500 + 9_000, start + 125)
  expect(clock.capturedAfter(500 + 9_000, start + 125)).toBe(start + 25)
})

test('a timestamp far ahead does not place a frame in the future', () => {
  const clock = new TrackClock(90_000, new SenderClock())
  clock.observe(0, start)
  clock.timeOf(0, start)
  clock.observe(2 ** 31 - 1, start + 33)
  expect(clock.timeOf(2 ** 31 - 1, start + 33)).toBeLessThanOrEqual(start + 533)
})

test('a device that steps its clock is followed', () => {
  const sender = new SenderClock()
  sender.observe(start, start + 10)
  sender.observe(start + 3_600_020, start + 30)
  expect(sender.offset).toBe(-3_599_990)
})

test('the shortest way holds over the next window', () => {
  const sender = new SenderClock()
  sender.observe(start, start + 10)
  sender.observe(start + 11_000, start + 11_050)
  expect(sender.offset).toBe(10)
  sender.observe(start + 22_000, start + 22_060)
  expect(sender.offset).toBe(50)
})

test('drift is followed: the shortest way of long ago is forgotten', () => {
  const sender = new SenderClock()
  for (let ms = 0; ms <= 60_000; ms += 100) sender.observe(start + ms, start + ms + 20 + ms / 1000)
  expect(sender.offset).toBeGreaterThan(20 + 30)
})

test('whoever it was and however their clock stands, no frame is said to be younger than it is', () => {
  let right = 0
  fc.assert(
    fc.property(
      fc.integer({ min: -100_000, max: 100_000 }),
      fc.integer({ min: 0, max: 99 }),
      fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 30 }),
      fc.boolean(),
      (skew, way, jitter, hasReport) => {
        const clock = new TrackClock(90_000, new SenderClock())
        if (hasReport) clock.report({ ssrc: 1, ntpMs: start + skew, rtp: 0 })
        for (const [i, extra] of jitter.entries()) {
          const captured = start + i * 33
          const arrivedAt = captured + way + extra
          clock.observe(i * 33 * 90, arrivedAt)
          if (skew === 0) right++
          // Ways up to 100 ms; jitter adds only after the first packet that had none.
          if (Math.min(...jitter.slice(0, i + 1)) === 0)
            expect(clock.capturedAfter(i * 33 * 90, arrivedAt)).toBeLessThanOrEqual(captured)
        }
      },
    ),
    {
      examples: [
        [0, 40, [0, 300, 0], true],
        [0, 40, [0, 300, 0], false],
        [50, 90, [0], true],
      ],
    },
  )
  expect(right).toBeGreaterThan(0)
})
