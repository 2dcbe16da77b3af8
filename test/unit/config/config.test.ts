import { availableParallelism, tmpdir } from 'node:os'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAuthenticator } from '../../../src/auth/index.ts'
import {
  authIssuers,
  demoConfig,
  iceServers,
  loadConfig,
  PolicyTexts,
  productionProblems,
  Settings,
  tenantOf,
  type Config,
} from '../../../src/config/index.ts'
import { optionsByName } from '../../../src/config/environment.ts'
import { writeCertificate } from '../../support/edge.ts'
import { at, changed, example, type Document } from './settings.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assent-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (document: unknown): string => {
  const file = join(folder, 'assent.json')
  writeFileSync(file, typeof document === 'string' ? document : JSON.stringify(document))
  return file
}
const load = (document: unknown, env: Record<string, string> = {}): Config =>
  loadConfig({ file: write(document), env })
const texts = ({ policyDir }: Config): PolicyTexts =>
  new PolicyTexts({ dir: policyDir, archive: join(folder, 'policies') })
const problem = (document: unknown, env: Record<string, string> = {}): string => {
  try {
    load(document, env)
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
    return (error as Error).message
  }
  return 'none'
}

describe('the shipped examples', () => {
  test('name every option with its default', async () => {
    const document = await example('assent')
    const defaults = { ...Settings.parse({}), publicUrl: load({}).publicUrl }
    const generic = changed(
      changed(document, 'issuers', []),
      'media.workers',
      availableParallelism(),
    )
    expect(generic).toEqual(defaults)
  })

  test('name every option of an issuer with its default', async () => {
    const document = await example('assent')
    const optional = [
      'audience',
      'maxTokenLifeMs',
      'maxPeople',
      'refuseMinors',
      'stepUp',
      'retention',
      'processors',
      'recording.policies',
      'recording.retentionDays',
      'recording.evidenceDays',
      'recording.answerMs',
      'recording.hostMayChange',
      'recording.lawfulBasis',
      'recording.transfers',
      'recording.policyText',
      'recording.lang',
    ]
    const bare = optional.reduce(
      (rest, path) => changed(rest, `issuers.0.${path}`, undefined),
      document,
    )
    expect(Settings.parse(bare).issuers).toEqual(document['issuers'])
  })

  test("refuse to start until a reader's key is put in", () => {
    const document: unknown = JSON.parse(
      readFileSync(new URL('../../../config/production.example.json', import.meta.url), 'utf8'),
    )
    expect(problem(document)).toBe(
      'issuers.0.recording.readers.0.recipient: an age public key is expected: age1…',
    )
  })

  test('give rooms and tokens what they need', async () => {
    const config = load(await example('production'))
    const [issuer] = config.issuers
    if (issuer === undefined) expect.fail('no issuer')
    const tenant = tenantOf(issuer, config, texts(config))
    expect(tenant.options).toEqual({
      policies: ['everyone'],
      retentionDays: [30],
      answerMs: [60_000],
      readers: [{ readerId: 'archive', name: 'Example Ltd, archive' }],
    })
    expect(tenant.stepUp).toEqual({ acr: [], amr: ['otp'], maxAgeMs: 3_600_000 })
    expect(tenant.notice.policyText).toEqual({
      version: '1.0',
      date: '2026-11-23',
      lang: 'en',
      url: 'https://call.example.org/policy/en',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    })
    expect(authIssuers(config)).toEqual([
      {
        issuer: 'https://id.example.org',
        audience: 'assent',
        maxTokenLifeMs: 43_200_000,
        keys: { url: 'https://id.example.org/.well-known/jwks.json' },
      },
    ])
  })
})

describe('a settings file', () => {
  test('may be empty: every default is safe', () => {
    const config = load({})
    expect(config).toMatchObject({
      listen: { port: 4443 },
      redirect: null,
      metrics: { host: '127.0.0.1', port: 9464 },
      origins: [],
      issuers: [],
      demo: false,
      tls: { minVersion: 'TLSv1.3' },
      allow: { demoKeys: false, selfSignedCertificate: false, httpOrigins: false },
      publicUrl: 'https://localhost:4443',
      dataDir: join(folder, 'data'),
      guardFile: join(folder, 'data/guard'),
    })
  })

  test('has paths relative to itself; what ships with the server is found anywhere', () => {
    const config = load({ tls: { certificateFile: 'a.pem', keyFile: '/b.key' }, guardFile: 'g' })
    expect(config.tls).toMatchObject({ certificateFile: join(folder, 'a.pem'), keyFile: '/b.key' })
    expect(config.guardFile).toBe(join(folder, 'g'))
    expect(readFileSync(join(config.policyDir, 'en.txt'), 'utf8')).toMatch(/^Privacy notice/)
  })

  test.each<[string, unknown, string]>([
    ['an unknown option', { listn: {} }, 'listn: no such option. There are: listen, redirect, '],
    [
      'an unknown option within',
      { limits: { burts: 1 } },
      'limits.burts: no such option. There are: maxConnections, ',
    ],
    [
      'an unknown option in what may be null',
      { redirect: { prot: 1 } },
      'redirect.prot: no such option. There are: host, port',
    ],
    [
      'an unknown option in a list',
      { media: { listen: [{ ip: '::', announce: 'x' }] } },
      'media.listen.0.announce: no such option. There are: ip, announcedAddress',
    ],
    ['a port that is none', { listen: { port: 65_536 } }, 'listen.port: '],
    ['a version of TLS that is too old', { tls: { minVersion: 'TLSv1.1' } }, 'tls.minVersion: '],
    [
      'a public URL without TLS',
      { publicUrl: 'http://call.example.org' },
      'publicUrl: an https: URL is expected',
    ],
    [
      'an origin with a path',
      { origins: ['https://app.example.org/'] },
      'origins.0: an origin is expected',
    ],
    ['an origin of another kind', { origins: ['*'] }, 'origins.0: an origin is expected'],
    [
      'a relay that is none',
      { media: { turn: { urls: ['https://x'], secretFile: 's' } } },
      'media.turn.urls.0: ',
    ],
    [
      'a soft limit over the hard one',
      { limits: { slowBufferedBytes: 2_000_000 } },
      'limits: slowBufferedBytes is at most maxBufferedBytes',
    ],
    [
      'slowing only after blocking',
      { limits: { slowAfter: 21 } },
      'limits: slowAfter is at most blockAfter',
    ],
    ['demo as an option', { demo: true }, 'demo: no such option'],
    ['no object', [], 'a JSON object is expected'],
  ])('with %s is refused and told where', (_, document, message) => {
    expect(problem(document)).toContain(message)
  })

  test('is refused with all that is wrong, and no value of it', () => {
    const message = problem({ listen: { port: 'secret' }, log: { level: 'secret' }, x: 'secret' })
    expect(message.split('\n')).toHaveLength(3)
    expect(message).not.toContain('secret')
  })

  test.each(['', '{"dataDir": "secret"', 'secret'])('that is no JSON is refused: %j', (text) => {
    expect(problem(text)).toBe(`${join(folder, 'assent.json')}: cannot be read as JSON`)
  })

  test('that is not there is refused as that', () => {
    const file = join(folder, 'elsewhere.json')
    expect(() => loadConfig({ file, env: {} })).toThrow(`${file}: there is no such file`)
  })

  test.each<[string, string, unknown, string]>([
    ['no keys', 'jwksUrl', undefined, 'issuers.0: jwksFile or jwksUrl'],
    ['keys from two places', 'jwksFile', 'x', 'issuers.0: jwksFile or jwksUrl'],
    [
      'keys over plain HTTP',
      'jwksUrl',
      'http://id.example.org',
      'issuers.0.jwksUrl: an https: URL',
    ],
    ['no controller', 'controllers', [], 'issuers.0.controllers: '],
    [
      'a controller without an address',
      'controllers.0.address',
      undefined,
      'issuers.0.controllers.0.address: ',
    ],
    ['no storage', 'recording.storage', undefined, 'issuers.0.recording.storage: '],
    [
      "a reader's key that is none",
      'recording.readers.0.recipient',
      'age1',
      'issuers.0.recording.readers.0.recipient: an age public key',
    ],
    [
      'a policy that is none',
      'recording.policies',
      ['one-party'],
      'issuers.0.recording.policies.0: ',
    ],
    [
      'a longer life than the server allows',
      'retention.recordingDays',
      366,
      'issuers.0.retention.recordingDays: longer than retention.recordingDays allows',
    ],
  ])('with an issuer of %s is refused', async (_, path, value, message) => {
    expect(problem(changed(await example('assent'), `issuers.0.${path}`, value))).toContain(message)
  })

  test('with two readers of one name is refused', async () => {
    const document = await example('assent')
    const [reader] = at(document, 'issuers.0.recording.readers') as unknown[]
    expect(problem(changed(document, 'issuers.0.recording.readers', [reader, reader]))).toContain(
      'issuers.0.recording.readers: two readers',
    )
  })

  test("with a mistyped reader's key is refused: its check sum tells", async () => {
    const document = await example('assent')
    const recipient = String(at(document, 'issuers.0.recording.readers.0.recipient'))
    const mistyped = recipient.slice(0, -1) + (recipient.endsWith('q') ? 'p' : 'q')
    expect(
      problem(changed(document, 'issuers.0.recording.readers.0.recipient', mistyped)),
    ).toContain('readers.0.recipient: ')
  })

  test('with one issuer twice is refused: two controllers would share their rooms', async () => {
    const document = await example('assent')
    const issuer = at(document, 'issuers.0')
    expect(problem(changed(document, 'issuers', [issuer, issuer]))).toBe(
      'issuers.1.issuer: named before',
    )
  })
})

describe('the environment', () => {
  test('goes before the file', () => {
    const config = load(
      { listen: { port: 1, host: '::1' } },
      {
        ASSENT_LISTEN_PORT: '2',
        ASSENT_TLS_CERTIFICATE_FILE: '/c.pem',
        ASSENT_ORIGINS: 'https://a.example, https://b.example',
        ASSENT_ALLOW_HTTP_ORIGINS: 'true',
        ASSENT_REDIRECT_PORT: '80',
        ASSENT_LIMITS_BURST: '7',
        ASSENT_MEDIA_LISTEN: '[{"ip":"::"}]',
        ASSENT_CONFIG: 'ignored here',
        OTHER: 'x',
      },
    )
    expect(config).toMatchObject({
      listen: { port: 2, host: '::1' },
      tls: { certificateFile: '/c.pem' },
      origins: ['https://a.example', 'https://b.example'],
      allow: { httpOrigins: true },
      redirect: { host: '::', port: 80 },
      limits: { burst: 7 },
      media: { listen: [{ ip: '::' }] },
    })
  })

  test.each<[string, string, string]>([
    [
      'ASSENT_LISTEN_PROT',
      '1',
      'ASSENT_LISTEN_PROT: no such option. There are: ASSENT_LISTEN_HOST, ASSENT_LISTEN_PORT',
    ],
    ['ASSENT_NONSENSE', '1', 'ASSENT_NONSENSE: no such option. There are: ASSENT_LISTEN_HOST, '],
    ['ASSENT_LISTEN_PORT', 'secret', 'ASSENT_LISTEN_PORT: a whole number is expected'],
    ['ASSENT_ALLOW_DEMO_KEYS', 'yes', 'ASSENT_ALLOW_DEMO_KEYS: true or false is expected'],
    ['ASSENT_ISSUERS', '[', 'ASSENT_ISSUERS: a JSON array is expected'],
    ['ASSENT_LOG_LEVEL', 'secret', 'log.level: '],
  ])('%s=%s is refused', (name, value, message) => {
    expect(problem({}, { [name]: value })).toContain(message)
    expect(problem({}, { [name]: value })).not.toContain('secret')
  })

  test('reaches every option under a name of its own', () => {
    const options = [...optionsByName().values()]
    expect(options.length).toBeGreaterThan(40)
    expect(new Set(options.map(({ path }) => path.join('.'))).size).toBe(options.length)
  })
})

describe('relays', () => {
  test('get fresh credentials from the shared secret', () => {
    writeFileSync(join(folder, 'turn'), 'shared\n')
    const config = load({
      media: {
        turn: { urls: ['turn:t.example.org'], secretFile: 'turn', lifeMs: 60_000 },
        iceServers: [{ urls: ['stun:s.example.org'] }],
      },
    })
    const [fixed, relay] = iceServers(config, 1_000_000)
    expect(fixed).toEqual({ urls: ['stun:s.example.org'] })
    expect(relay).toMatchObject({
      urls: ['turn:t.example.org'],
      username: expect.stringMatching(/^1060:/),
      credential: expect.stringMatching(/^[\w+/]{27}=$/),
    })
  })

  test('without a secret are passed on as they are', () => {
    expect(iceServers(load({}), 0)).toEqual([])
  })
})

describe('demo mode', () => {
  const env = () => ({ ASSENT_DATA_DIR: join(folder, 'data'), ASSENT_LISTEN_PORT: '0' })

  test('makes keys that its owner alone can read, once', async () => {
    const first = await demoConfig({ env: env() })
    for (const name of ['issuer.json', 'jwks.json', 'reader.key', 'reader.pub']) {
      expect(statSync(join(folder, 'data/demo', name)).mode & 0o777, name).toBe(0o600)
    }
    const secrets = () =>
      ['issuer.json', 'reader.key'].map((name) =>
        readFileSync(join(folder, 'data/demo', name), 'utf8'),
      )
    const before = secrets()
    await demoConfig({ env: env() })
    expect(secrets()).toEqual(before)
    expect(readFileSync(first.identityFile, 'utf8')).toMatch(/^AGE-SECRET-KEY-1[A-Z0-9]{58}\n$/)
  })

  test('trusts its own tokens, and only this machine reaches it', async () => {
    const demo = await demoConfig({ env: env() })
    const { config } = demo
    expect(config).toMatchObject({
      demo: true,
      listen: { host: '127.0.0.1', port: 0 },
      media: { listen: [{ ip: '127.0.0.1' }] },
    })
    const authenticator = createAuthenticator({
      issuers: authIssuers(config),
      log: () => undefined,
    })
    const host = await authenticator.verify(
      await demo.token({ room: 'first', name: 'Ada', isHost: true }),
    )
    expect(host).toMatchObject({ room: 'first', grants: { host: true, record: true } })
    expect(host.name?.reveal()).toBe('Ada')
    const guest = await authenticator.verify(
      (await demo.link({ room: 'first', isHost: false })).split('#token=')[1] ?? '',
    )
    expect(guest.grants).toMatchObject({ host: false, record: false })
    expect(guest.subject.reveal()).not.toBe(host.subject.reveal())
    const [issuer] = config.issuers
    if (issuer === undefined) expect.fail('no issuer')
    expect(tenantOf(issuer, config, texts(config))).toMatchObject({
      demo: true,
      options: { readers: [{ readerId: 'demo' }] },
    })
  })

  test.each(['issuer.json', 'reader.key'])('with a broken %s refuses to start', async (name) => {
    await demoConfig({ env: env() })
    writeFileSync(join(folder, 'data/demo', name), 'x')
    await expect(demoConfig({ env: env() })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})

describe('production mode', () => {
  /** A certificate by an authority, or as good as. */
  const settings = async (): Promise<Document> => {
    await writeCertificate(folder, 'localhost')
    return {
      ...(await example('production')),
      tls: { certificateFile: 'cert.pem', keyFile: 'key.pem' },
      dataDir: 'data',
      allow: { selfSignedCertificate: true },
    }
  }
  const problems = (document: unknown, now = Date.now()) => productionProblems(load(document), now)

  test('starts with what the example says', async () => {
    expect(problems(await settings())).toEqual([])
  })

  test('refuses a self-signed certificate, unless it is named', async () => {
    expect(problems({ ...(await settings()), allow: {} })).toEqual([
      expect.stringMatching(/^tls\.certificateFile: is self-signed.*allow\.selfSignedCertificate$/),
    ])
  })

  test('takes a certificate that an authority signed', async () => {
    const document = await settings()
    const { generate } = await import('selfsigned')
    const authority = await generate([{ name: 'commonName', value: 'Authority' }], {
      keyType: 'ec',
      curve: 'P-256',
      extensions: [{ name: 'basicConstraints', cA: true }],
    })
    const leaf = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      curve: 'P-256',
      ca: { key: authority.private, cert: authority.cert },
    })
    writeFileSync(join(folder, 'cert.pem'), leaf.cert)
    expect(problems({ ...document, allow: {} })).toEqual([])
  })

  test('refuses a certificate that has expired, is missing or is none', async () => {
    const document = await settings()
    expect(problems(document, Date.now() + 10 * 365 * 86_400_000)).toEqual([
      'tls.certificateFile: has expired',
    ])
    writeFileSync(join(folder, 'cert.pem'), 'x')
    expect(problems(document)).toEqual(['tls.certificateFile: holds no certificate in PEM form'])
    rmSync(join(folder, 'cert.pem'))
    expect(problems(document)).toEqual(['tls.certificateFile: there is no such file'])
  })

  test('refuses http: origins, unless they are named', async () => {
    const document = changed(await settings(), 'origins', ['https://a.example', 'http://b.example'])
    expect(problems(document)).toEqual([
      expect.stringMatching(/^origins\.1: is http:.*allow\.httpOrigins$/),
    ])
    expect(problems(changed(document, 'allow.httpOrigins', true))).toEqual([])
  })

  test('refuses the keys of a demo that ran here, unless they are named', async () => {
    const { config } = await demoConfig({ env: { ASSENT_DATA_DIR: join(folder, 'data') } })
    const document = changed(
      await settings(),
      'issuers.0.recording.readers.0.recipient',
      config.issuers[0]?.recording.readers[0]?.recipient,
    )
    const own = at(document, 'issuers.0') as Document
    const trusting = { ...own, issuer: 'https://demo.assent.invalid' }
    const sharing = {
      ...changed(own, 'jwksUrl', undefined),
      issuer: 'https://x.example',
      jwksFile: 'data/demo/jwks.json',
    }
    const all = changed(document, 'issuers', [own, trusting, sharing])
    expect(problems(all).map((each) => each.slice(0, each.indexOf(': ')))).toEqual([
      'issuers.0.recording.readers',
      'issuers.1',
      'issuers.1.recording.readers',
      'issuers.2',
      'issuers.2.recording.readers',
    ])
    expect(problems(changed(all, 'allow.demoKeys', true))).toEqual([])
  })

  test('refuses to start for nobody', async () => {
    expect(problems({ ...(await settings()), issuers: [] })).toEqual([
      'issuers: there is none, so nobody could come in',
    ])
  })
})

test.each(['en', 'de', 'fr', 'es', 'uk'])(
  'the privacy notice in %s names its version and date',
  async (lang) => {
    const config = load(changed(await example('production'), 'issuers.0.recording.lang', lang))
    const [issuer] = config.issuers
    if (issuer === undefined) expect.fail('no issuer')
    expect(tenantOf(issuer, config, texts(config)).notice.policyText).toEqual({
      version: '1.0',
      date: '2026-11-23',
      lang,
      url: `https://call.example.org/policy/${lang}`,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    })
  },
)

test.each([
  ['a language without one', 'xx', 'Version: 1.0\nDate: 2026-01-01\n', 'xx.txt: cannot be read'],
  ['a notice without a version', 'en', 'Privacy\nDate: 2026-01-01\n', 'lines `Version'],
])('%s refuses to start', async (_, lang, english, message) => {
  writeFileSync(join(folder, 'en.txt'), english)
  const document = { ...(await example('production')), policyDir: '.' }
  const config = load(changed(document, 'issuers.0.recording.lang', lang))
  const [issuer] = config.issuers
  if (issuer === undefined) expect.fail('no issuer')
  expect(() => tenantOf(issuer, config, texts(config))).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(message) }),
  )
})
