import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { issueToken, newSigningKey, openSigningKey } from '#auth'
import { CallError, Grants, RoomId } from '#protocol'
import type { Io } from './command.ts'

/**
 * `assent token`: signs a token with a key file, as an integrator's own back end would, or makes
 * such a key. The token is all that goes to standard output. Returns the exit code: 0 done, 2 it
 * could not be tried.
 */
export async function tokenCommand(args: readonly string[], io: Io): Promise<number> {
  try {
    const options = parse(args)
    if (options.help) io.stdout.write(usage)
    else if (options['new-key'] === undefined) io.stdout.write(`${await signed(options)}\n`)
    else await makeKey(options['new-key'], options.jwks, io)
    return 0
  } catch (error) {
    io.stderr.write(explain(error))
    return 2
  }
}

type Options = ReturnType<typeof parse>

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  return parseArgs({
    args: [...args],
    options: {
      'new-key': text,
      jwks: text,
      key: text,
      issuer: text,
      subject: text,
      room: text,
      name: text,
      audience: { ...text, default: 'assent' },
      publish: { ...text, default: 'microphone,camera,screen,screenAudio' },
      host: flag,
      record: flag,
      minor: flag,
      minutes: { ...text, default: '60' },
      help: { ...flag, short: 'h' },
    },
  }).values
}

async function signed(options: Options): Promise<string> {
  const key = await openSigningKey(JSON.parse(readFileSync(needed(options, 'key'), 'utf8')))
  const room = RoomId.safeParse(needed(options, 'room'))
  if (!room.success) throw misuse('--room: 1 to 64 letters, digits, _ and -')
  const publish = options.publish.split(',').filter((source) => source !== '')
  const grants = Grants.safeParse({
    publish,
    subscribe: true,
    host: options.host,
    record: options.record,
  })
  if (!grants.success) throw misuse('--publish: a list of microphone, camera, screen, screenAudio')
  const minutes = Number(options.minutes)
  if (!Number.isInteger(minutes) || minutes < 1)
    throw misuse('--minutes: a whole number, 1 at least')
  return await issueToken(
    key,
    {
      issuer: needed(options, 'issuer'),
      audience: options.audience,
      subject: needed(options, 'subject'),
      room: room.data,
      grants: grants.data,
      ...(options.name !== undefined && { name: options.name }),
      ...(options.minor && { minor: true }),
      lifeMs: minutes * 60_000,
    },
    Date.now(),
  )
}

/** A key that exists is somebody's identity: it is never written over. */
async function makeKey(keyFile: string, jwksFile: string | undefined, io: Io): Promise<void> {
  const { privateJwk, jwks } = await newSigningKey()
  writeFileSync(keyFile, `${JSON.stringify(privateJwk, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  const published = `${JSON.stringify(jwks, null, 2)}\n`
  if (jwksFile === undefined) io.stdout.write(published)
  else writeFileSync(jwksFile, published, { flag: 'wx' })
}

function needed(options: Options, name: 'key' | 'issuer' | 'subject' | 'room'): string {
  const value = options[name]
  if (value === undefined) throw misuse(`--${name} is missing`)
  return value
}

const misuse = (what: string) => new CallError('BAD_REQUEST', what)

/** An error of the file system or of `parseArgs` says what to do; a stack would not. */
const explain = (error: unknown): string =>
  `assent token: ${error instanceof Error ? error.message : 'failed'}\nSee: npx assent token --help\n`

const usage = `Usage: npx assent token --key FILE --issuer URL --subject ID --room ROOM …
       npx assent token --new-key FILE [--jwks FILE]

Signs a token for one person and one room, or makes the key to sign with.

  --key FILE        the issuer's private key: an Ed25519 JWK
  --issuer URL      as the server's settings name it (iss)
  --audience NAME   as the server's settings name it (aud); assent
  --subject ID      who it is, always the same for the same person (sub)
  --room ROOM       the one room that the token opens
  --name NAME       the name that others see
  --publish LIST    what may be sent; microphone,camera,screen,screenAudio
  --host            may moderate
  --record          may ask to record
  --minor           is never recorded
  --minutes N       how long the token lives; 60
  --new-key FILE    make a key; its public half goes to --jwks or to standard output

What your own back end has to sign is this, with EdDSA, ES256, RS256 or PS256 and the key's "kid" in the header:

  { "iss": "https://id.example.org", "aud": "assent", "sub": "user-7", "iat": 1767225600, "exp": 1767229200,
    "room": "weekly", "name": "Ada",
    "grants": { "publish": ["microphone", "camera"], "subscribe": true, "host": false, "record": false } }

Optional: "nbf", "jti", "minor": true, and for a second factor "auth_time", "acr", "amr".
Each public key in the JWK set must name its "alg" and "kid". The token goes into the page's address behind
#token=, where no server sees it, or to the SDK; never into a query.
`
