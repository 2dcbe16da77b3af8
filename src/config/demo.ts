import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { issueToken, newSigningKey, openSigningKey, type SigningKey } from '#auth'
import { CallError, type Grants } from '#protocol'
import { demoFolder, demoIssuer } from './demo-names.ts'
import { fromEnvironment } from './environment.ts'
import { complete, merged, type Config } from './load.ts'

/** A server to try things out with, that trusts only itself. */
export interface Demo {
  readonly config: Config
  /** Opens what the demo records: `assent open` takes it. */
  readonly identityFile: string
  /** A token for one new person in a room. */
  token(person: { room: string; name?: string; isHost: boolean }): Promise<string>
  /** The page with such a token, for pasting into a browser. The fragment reaches no server. */
  link(person: { room: string; name?: string; isHost: boolean }): Promise<string>
}

/**
 * Demo mode: keys of its own under `<dataDir>/demo`, made at the first start and readable to their
 * owner alone; the machine itself is the only one that can reach it. The environment goes before
 * all of it. Throws CONFIG_INVALID.
 */
export async function demoConfig({
  env,
  now = Date.now,
}: {
  env: Readonly<Record<string, string | undefined>>
  now?: () => number
}): Promise<Demo> {
  const fromEnv = fromEnvironment(env)
  // Twice: the issuer's files are in the data folder, which the environment may name.
  const { dataDir } = complete(merged(localOnly, fromEnv), { folder: process.cwd(), demo: true })
  const folder = join(dataDir, demoFolder)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const key = await signingKey(folder)
  const recipient = await readerRecipient(folder)
  const settings = merged(
    { ...localOnly, issuers: [issuerSettings(join(folder, 'jwks.json'), recipient)] },
    fromEnv,
  )
  const config = complete(settings, { folder: process.cwd(), demo: true })
  const token: Demo['token'] = ({ room, name, isHost }) =>
    issueToken(
      key,
      {
        issuer: demoIssuer,
        audience: 'assent',
        subject: randomUUID(),
        room,
        grants: isHost ? hostGrants : guestGrants,
        ...(name !== undefined && { name }),
        lifeMs: 12 * 3_600_000,
        authTime: now(),
      },
      now(),
    )
  return {
    config,
    identityFile: join(folder, 'reader.key'),
    token,
    link: async (person) => `${new URL('/', config.publicUrl).href}#token=${await token(person)}`,
  }
}

const guestGrants: Grants = {
  publish: ['microphone', 'camera', 'screen', 'screenAudio'],
  subscribe: true,
  host: false,
  record: false,
}
const hostGrants: Grants = { ...guestGrants, host: true, record: true }

const localOnly = {
  listen: { host: '127.0.0.1' },
  tls: { certificateFile: 'certs/development.pem', keyFile: 'certs/development.key' },
  media: { listen: [{ ip: '127.0.0.1' }] },
}

async function signingKey(folder: string): Promise<SigningKey> {
  const file = join(folder, 'issuer.json')
  const key = existsSync(file) ? await openSigningKey(readJson(file)) : await newSigningKey()
  if (!existsSync(file)) write(file, JSON.stringify(key.privateJwk))
  write(join(folder, 'jwks.json'), JSON.stringify(key.jwks))
  return key
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new CallError('CONFIG_INVALID', `${file}: cannot be read; delete it for a new key`, {
      cause,
    })
  }
}

async function readerRecipient(folder: string): Promise<string> {
  const file = join(folder, 'reader.key')
  if (!existsSync(file)) write(file, `${await generateX25519Identity()}\n`)
  try {
    const recipient = await identityToRecipient(readFileSync(file, 'utf8').trim())
    write(join(folder, 'reader.pub'), `${recipient}\n`)
    return recipient
  } catch (cause) {
    throw new CallError('CONFIG_INVALID', `${file}: holds no age identity`, { cause })
  }
}

/** Whole or not at all, and for the owner alone from the first byte. */
function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, resolve(file))
}

function issuerSettings(jwksFile: string, recipient: string): Record<string, unknown> {
  const contact = 'demo@assent.invalid'
  return {
    issuer: demoIssuer,
    jwksFile,
    controllers: [
      {
        name: 'The person who runs this demonstration',
        address: 'This computer',
        contact,
        role: 'controller',
      },
    ],
    recording: {
      readers: [
        {
          readerId: 'demo',
          name: 'Whoever runs this demonstration',
          role: 'operator',
          country: 'EU',
          recipient,
        },
      ],
      policies: ['everyone', 'each'],
      retentionDays: [1, 7],
      evidenceDays: 30,
      answerMs: [30_000, 60_000, 120_000],
      hostMayChange: true,
      storage: [{ location: 'this computer', country: 'EU' }],
      processingLocations: ['EU'],
      jurisdiction: ['EU'],
      withdrawal: { url: '/policy/en', contact },
      rights: { url: '/policy/en' },
      authority: {
        name: 'The data protection authority where you live',
        url: 'https://www.edpb.europa.eu/about-edpb/about-edpb/members_en',
      },
    },
  }
}
