import { expect, test } from 'vitest'
import { newId } from '#protocol'
import {
  readFromRecorder,
  readToRecorder,
  type FromRecorder,
  type ToRecorder,
} from '../../../src/recording/ipc.ts'
import { Misfit } from '../../../src/recording/shape.ts'

const person = newId.person()
const toRecorder: readonly ToRecorder[] = [
  { type: 'open', folder: '/data/recordings/one', startedAt: 1, recipients: ['age1abc'] },
  { type: 'bind', tap: 0, person, source: 'camera' },
  {
    type: 'start',
    tap: 0,
    remotePort: 40_000,
    ssrc: 2 ** 32 - 1,
    payloadType: 96,
    mimeType: 'video/VP8',
    rate: 90_000,
    channels: 2,
    sprop: '',
    notBefore: 5,
  },
  { type: 'report', tap: 0, ssrc: 7, ntpMs: 1.5, rtp: 2 ** 32 - 1 },
  { type: 'close', tap: 0, at: 9 },
  { type: 'end' },
]
const fromRecorder: readonly FromRecorder[] = [
  { type: 'ready' },
  { type: 'bound', tap: 0, port: 5 },
  { type: 'started', tap: 0 },
  { type: 'keyFrame', tap: 0 },
  { type: 'closed', tap: 0 },
  { type: 'failed', why: 'disk', message: 'ENOSPC' },
]

test.each(toRecorder)('the recorder reads $type, and nothing that is like it', (message) => {
  expect(readToRecorder(structuredClone(message))).toEqual(message)
  spoiled(message).forEach((wrong) => expect(() => readToRecorder(wrong)).toThrow(Misfit))
})

test.each(fromRecorder)('the server reads $type, and nothing that is like it', (message) => {
  expect(readFromRecorder(structuredClone(message))).toEqual(message)
  spoiled(message).forEach((wrong) => expect(() => readFromRecorder(wrong)).toThrow(Misfit))
})

test.each([
  null,
  undefined,
  'open',
  5,
  [],
  {},
  { type: 'toString' },
  { type: '__proto__' },
  { type: ['open'] },
])('%j is no message', (raw) => {
  expect(() => readToRecorder(raw)).toThrow(Misfit)
  expect(() => readFromRecorder(raw)).toThrow(Misfit)
})

test('neither side understands what the other is told', () => {
  for (const message of toRecorder) expect(() => readFromRecorder(message)).toThrow(Misfit)
  for (const message of fromRecorder) expect(() => readToRecorder(message)).toThrow(Misfit)
})

test('what is refused is not repeated', () => {
  expect(() =>
    readToRecorder({ type: 'bind', tap: 0, person: 'Annabelle', source: 'camera' }),
  ).toThrow(/^message\.person must be a known id$/)
})

/** The message with one more key, and without or with a wrong value for each of its own. */
function spoiled(message: object): unknown[] {
  const keys = Object.keys(message)
  return [
    { ...message, more: 1 },
    ...keys.map((key) =>
      Object.fromEntries(Object.entries(message).filter(([each]) => each !== key)),
    ),
    ...keys.map((key) => ({ ...message, [key]: { wrong: true } })),
    ...keys.filter((key) => key !== 'type').map((key) => ({ ...message, [key]: Number.NaN })),
  ]
}
