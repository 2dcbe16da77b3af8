import { describe, expect, test } from 'vitest'
import type { OpenedEntry } from '#audit'
import { newId } from '#protocol'
import type { Manifest } from '#recording'
import { recordingsOf } from '../../../src/privacy/about-me.ts'

const person = newId.person()
const requestId = newId.request()
const session = newId.session()
const entry = (core: object): OpenedEntry =>
  ({ index: 0, ref: null, timeMs: 5, core, subject: null, isSigned: false, erased: [] }) as never
const started = entry({
  type: 'effect-started',
  requestId,
  tracks: [{ subject: { ref: person }, source: 'microphone' }],
})
const over = entry({ type: 'request-over', requestId })
const stopped = entry({ type: 'effect-stopped', requestId })
const closed = entry({ type: 'session-close' })
const track = { person, source: 'microphone', startedAt: 1, stoppedAt: 2, segments: [], destroyedAt: null }
const manifest = { requestId, state: 'finished', startedAt: 1, readers: [], tracks: [track] } as never

describe('a recording is among what is held', () => {
  const states = (all: readonly OpenedEntry[], manifests: readonly Manifest[] = [], who = person) =>
    recordingsOf({ person: who, session, since: 0, isOnHold: false, own: [], all, manifests }).map(
      ({ state }) => state,
    )

  test.each([
    ['while it runs', [started], [], ['running']],
    ['while its files are being completed', [started, over], [], ['running']],
    ['once, when its manifest is there and the log does not say so yet', [started, over], [manifest], ['finished']],
    ['when it is complete', [started, over, stopped], [manifest], ['finished']],
  ])('%s', (_, all, manifests, expected) => {
    expect(states(all, manifests)).toEqual(expected)
  })

  test.each([
    ['when nothing was kept of it', [started, over, stopped]],
    ['when a crash left nothing of it, and its call has been closed', [started, closed]],
  ])('and not %s', (_, all) => {
    expect(states(all)).toEqual([])
  })

  test('of nobody who is not in it', () => {
    expect(states([started], [manifest], newId.person())).toEqual([])
  })
})
