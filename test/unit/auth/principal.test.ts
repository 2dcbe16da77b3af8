import { expect, test } from 'vitest'
import { Private, RoomId } from '../../../src/protocol/index.ts'
import { renewed, steppedUp, type Principal } from '../../../src/auth/index.ts'

const principal = (change: Partial<Principal> = {}): Principal => ({
  issuer: 'https://id.example.org',
  subject: new Private('user-7'),
  room: RoomId.parse('weekly'),
  name: new Private('Ada'),
  grants: { publish: ['microphone', 'camera'], subscribe: true, host: true, record: false },
  minor: false,
  expiresAt: 1000,
  authTime: null,
  acr: null,
  amr: [],
  tokenId: 't-1',
  tokenSha256: 'a'.repeat(64),
  keyThumbprint: null,
  ...change,
})

test('a renewal takes the fresh times and sign-in, and keeps the name', () => {
  const next = principal({
    name: new Private('Eve'),
    expiresAt: 9000,
    authTime: 500,
    acr: '2',
    amr: ['otp'],
    tokenId: 't-2',
  })
  const result = renewed(principal(), next)
  expect(result).toMatchObject({
    expiresAt: 9000,
    authTime: 500,
    acr: '2',
    amr: ['otp'],
    tokenId: 't-2',
  })
  expect(result.name?.reveal()).toBe('Ada')
})

test('rights narrow, and never widen again', () => {
  const few = {
    publish: ['microphone' as const, 'screen' as const],
    subscribe: true,
    host: false,
    record: true,
  }
  const narrowed = renewed(principal(), principal({ grants: few }))
  expect(narrowed.grants).toEqual({
    publish: ['microphone'],
    subscribe: true,
    host: false,
    record: false,
  })
  expect(renewed(narrowed, principal()).grants).toEqual({
    publish: ['microphone'],
    subscribe: true,
    host: false,
    record: false,
  })
  expect(
    renewed(principal(), principal({ grants: { ...few, subscribe: false } })).grants.subscribe,
  ).toBe(false)
})

test.each<[string, Partial<Principal>]>([
  ['issuer', { issuer: 'https://other.example.org' }],
  ['room', { room: RoomId.parse('board') }],
  ['subject', { subject: new Private('user-8') }],
  ['minor', { minor: true }],
])('a renewal with another %s is refused', (claim, change) => {
  expect(() => renewed(principal(), principal(change))).toThrow(
    expect.objectContaining({
      code: 'NOT_AUTHORIZED',
      message: `the fresh token has another ${claim}`,
    }),
  )
})

const demanded = { acr: ['2', '3'], amr: ['otp', 'pwd'], maxAgeMs: 300_000 }
test.each<[string, Partial<Principal>, boolean]>([
  [
    'all that is demanded, 300 s ago',
    { acr: '3', amr: ['pwd', 'otp', 'x'], authTime: 700_000 },
    true,
  ],
  ['a millisecond too long ago', { acr: '3', amr: ['pwd', 'otp'], authTime: 699_999 }, false],
  ['no sign-in time', { acr: '3', amr: ['pwd', 'otp'] }, false],
  ['another class', { acr: '1', amr: ['pwd', 'otp'], authTime: 1_000_000 }, false],
  ['no class', { amr: ['pwd', 'otp'], authTime: 1_000_000 }, false],
  ['one method of two', { acr: '2', amr: ['pwd'], authTime: 1_000_000 }, false],
])('step-up: %s', (_, change, holds) => {
  expect(steppedUp(principal(change), demanded, 1_000_000)).toBe(holds)
})

test('step-up: empty lists demand a recent sign-in alone', () => {
  const recent = { acr: [], amr: [], maxAgeMs: 1000 }
  expect(steppedUp(principal({ authTime: 1000 }), recent, 2000)).toBe(true)
  expect(steppedUp(principal({ authTime: 999 }), recent, 2000)).toBe(false)
})
