import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAuthenticator, type Principal } from '../../../src/auth/index.ts'
import { tokenCommand } from '../../../src/cli/token.ts'

let folder: string
let [out, err] = ['', '']
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assent-token-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const run = (...args: string[]): Promise<number> => {
  out = ''
  err = ''
  return tokenCommand(args, {
    stdout: { write: (text) => void (out += text) },
    stderr: { write: (text) => void (err += text) },
  })
}
const key = () => join(folder, 'issuer.json')
const jwks = () => join(folder, 'jwks.json')
const usual = () => [
  '--key',
  key(),
  '--issuer',
  'https://id.example.org',
  '--subject',
  'user-7',
  '--room',
  'weekly',
]
const accepted = (token: string): Promise<Principal> =>
  createAuthenticator({
    issuers: [
      {
        issuer: 'https://id.example.org',
        audience: 'assent',
        keys: { file: jwks() },
        maxTokenLifeMs: 12 * 3_600_000,
      },
    ],
    log: () => undefined,
  }).verify(token)

test('makes a key that only its owner can read, and signs tokens that the server takes', async () => {
  expect(await run('--new-key', key(), '--jwks', jwks())).toBe(0)
  expect(statSync(key()).mode & 0o777).toBe(0o600)
  expect(readFileSync(jwks(), 'utf8')).not.toContain('"d"')
  expect(
    await run(
      ...usual(),
      '--name',
      'Ada',
      '--host',
      '--record',
      '--publish',
      'camera',
      '--minor',
      '--minutes',
      '5',
    ),
  ).toBe(0)
  expect(err).toBe('')
  const principal = await accepted(out.trim())
  expect(principal).toMatchObject({
    room: 'weekly',
    minor: true,
    grants: { publish: ['camera'], subscribe: true, host: true, record: true },
  })
  expect(principal.expiresAt - Date.now()).toBeLessThanOrEqual(300_000)
})

test('grants nothing that was not asked for', async () => {
  await run('--new-key', key(), '--jwks', jwks())
  await run(...usual())
  expect(await accepted(out.trim())).toMatchObject({
    minor: false,
    name: null,
    grants: { host: false, record: false },
  })
})

test('never writes over a key', async () => {
  await run('--new-key', key(), '--jwks', jwks())
  const before = readFileSync(key(), 'utf8')
  expect(await run('--new-key', key())).toBe(2)
  expect(err).toMatch(/EEXIST/)
  expect(readFileSync(key(), 'utf8')).toBe(before)
})

test('shows the public half when it has no file to go to', async () => {
  expect(await run('--new-key', key())).toBe(0)
  expect(JSON.parse(out)).toEqual({
    keys: [expect.objectContaining({ kty: 'OKP', alg: 'EdDSA', use: 'sig' })],
  })
  expect(out).not.toContain('"d"')
})

test.each<[string, string[], RegExp]>([
  ['no key', ['--issuer', 'x', '--subject', 'x', '--room', 'x'], /--key is missing/],
  ['no such key', ['--key', '/nowhere/key.json'], /ENOENT/],
  ['an unknown option', ['--rom', 'x'], /Unknown option '--rom'/],
])('%s is told, and nothing signed', async (_, args, message) => {
  expect(await run(...args)).toBe(2)
  expect(err).toMatch(message)
  expect(err).toContain('npx assent token --help')
  expect(out).toBe('')
})

test.each<[string[], RegExp]>([
  [['--room', 'a room'], /--room: /],
  [['--publish', 'smell'], /--publish: /],
  [['--minutes', '0'], /--minutes: /],
  [['--minutes', '1.5'], /--minutes: /],
])('%s is told', async (args, message) => {
  await run('--new-key', key(), '--jwks', jwks())
  expect(await run(...usual(), ...args)).toBe(2)
  expect(err).toMatch(message)
})

test('a key file that holds no key is told', async () => {
  writeFileSync(key(), '{"kty":"RSA"}')
  expect(await run(...usual())).toBe(2)
  expect(err).toMatch(/no private Ed25519 key/)
})

test('explains itself', async () => {
  expect(await run('--help')).toBe(0)
  expect(out).toMatch(/^Usage: npx assent token/)
})
