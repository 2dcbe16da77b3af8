import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { IceServer } from '#protocol'
import { httpsUrl, Issuer } from './issuer-schema.ts'
import { LongestLives } from './retention.ts'

const port = z.int().min(0).max(65_535)
const highPort = z.int().min(1024).max(65_535)
const ms = z
  .int()
  .min(1)
  .max(7 * 86_400_000)
const count = z.int().min(1).max(1_000_000)
const file = z.string().min(1).max(4096)
const origin = z
  .string()
  .max(300)
  .refine(
    (text) =>
      URL.canParse(text) &&
      /^https?:$/.test(new URL(text).protocol) &&
      new URL(text).origin === text,
    'an origin is expected: https://host[:port] and nothing behind it',
  )

/** Every option of the server, with its safe default. Times in milliseconds, sizes in bytes. */
export const Settings = z.strictObject({
  /** HTTPS and WebSocket: the page and the signaling. Port 0 takes any free one, here and below. */
  listen: z.strictObject({ host: z.string().default('::'), port: port.default(4443) }).prefault({}),
  /** A plain HTTP listener that only redirects to `publicUrl`; null: none. */
  redirect: z
    .strictObject({ host: z.string().default('::'), port: port.default(8080) })
    .nullable()
    .default(null),
  /** Metrics and health, in plain HTTP. They are no secret, and nobody else's business either. */
  metrics: z
    .strictObject({ host: z.string().default('127.0.0.1'), port: port.default(9464) })
    .prefault({}),
  /** Both files are read again when they change. */
  tls: z
    .strictObject({
      certificateFile: file.default('certs/server.pem'),
      keyFile: file.default('certs/server.key'),
      minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.3'),
    })
    .prefault({}),
  /** Where people reach the server; https://localhost and the port, unless told. */
  publicUrl: httpsUrl.optional(),
  /** Other sites whose pages may connect. The server's own always may. */
  origins: z.array(origin).max(100).default([]),
  /** Exceptions from what production mode refuses, each by its name. */
  allow: z
    .strictObject({
      demoKeys: z.boolean().default(false),
      selfSignedCertificate: z.boolean().default(false),
      httpOrigins: z.boolean().default(false),
    })
    .prefault({}),
  /** The consent log, the recordings, and in demo mode its keys. */
  dataDir: file.default('data'),
  /** Remembers how far the log has come; best on another volume than `dataDir`. null: within it. */
  guardFile: file.nullable().default(null),
  /** The key to the consent log's vault; never in the same backup as the log. null: within `dataDir`. */
  vaultKeyFile: file.nullable().default(null),
  /** The longest life of each kind of data; issuers can shorten it, and nobody can lengthen it. */
  retention: LongestLives.prefault({}),
  /** Where `assent backup` puts backups unless told; those that are too old are removed there. null: none are. */
  backupDir: file.nullable().default(null),
  /** The built page; empty: none is served. */
  webDir: z.string().max(4096).default('dist/web'),
  /** The privacy notices, one `<lang>.txt` for each language. */
  policyDir: z.string().max(4096).default('config/policy'),
  /** Who may sign tokens: each a controller with its own rules. */
  issuers: z.array(Issuer).max(1000).default([]),
  media: z
    .strictObject({
      /** Worker processes: as many as there are cores, unless told. */
      workers: z
        .int()
        .min(1)
        .max(256)
        .default(() => availableParallelism()),
      /**
       * Where browsers reach the media; `announcedAddress` where a router or container stands in
       * between.
       */
      listen: z
        .array(
          z.strictObject({
            ip: z.union([z.ipv4(), z.ipv6()]),
            announcedAddress: z.string().max(255).optional(),
          }),
        )
        .min(1)
        .max(4)
        .default([{ ip: '127.0.0.1' }]),
      /** Worker k listens on `firstPort + k`, UDP and TCP. */
      firstPort: port.default(44_443),
      /** For the recorder's streams on loopback. */
      rtcPorts: z
        .strictObject({ min: highPort.default(45_000), max: highPort.default(46_999) })
        .refine(({ min, max }) => max - min >= 9, 'at least ten ports')
        .prefault({}),
      /** Relays without a shared secret, as browsers take them. */
      iceServers: z.array(IceServer).max(8).default([]),
      /**
       * A relay with credentials that run out by themselves; `secretFile` holds what it shares with
       * coturn.
       */
      turn: z
        .strictObject({
          urls: z
            .array(z.string().regex(/^turns?:/))
            .min(1)
            .max(8),
          secretFile: file,
          lifeMs: ms.default(12 * 3_600_000),
        })
        .nullable()
        .default(null),
    })
    .prefault({}),
  limits: z
    .strictObject({
      maxConnections: count.default(10_000),
      maxConnectionsPerAddress: count.default(500),
      authTimeoutMs: ms.default(5000),
      burst: count.default(200),
      requestsPerSecond: count.default(50),
      maxPending: count.default(64),
      maxErrors: count.default(10),
      maxBufferedBytes: z.int().min(65_536).default(1_048_576),
      slowBufferedBytes: z.int().min(1).default(262_144),
      slowReaderMs: ms.default(10_000),
      heartbeatMs: ms.default(15_000),
      expiryGraceMs: ms.default(10_000),
      slowAfter: count.default(5),
      blockAfter: count.default(20),
    })
    .refine(
      ({ slowAfter, blockAfter }) => slowAfter <= blockAfter,
      'slowAfter is at most blockAfter',
    )
    .refine(
      ({ slowBufferedBytes, maxBufferedBytes }) => slowBufferedBytes <= maxBufferedBytes,
      'slowBufferedBytes is at most maxBufferedBytes',
    )
    .prefault({}),
  consentLog: z
    .strictObject({
      /** Serve the tree, which names nobody, for anybody to watch: how many entries there are, and since when, shows. */
      publish: z.boolean().default(true),
      /** Who else vouches that it is never rewritten: what `assent witness` on another machine printed, and where it is. */
      witnesses: z
        .array(
          z.strictObject({
            url: z
              .string()
              .max(500)
              .refine(
                (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
                'an http: or https: URL is expected',
              ),
            vkey: z.string().min(1).max(500),
          }),
        )
        .max(16)
        .default([]),
      /** How many of them a receipt must carry to be believed; null: more than half. */
      quorum: z.int().min(1).max(16).nullable().default(null),
    })
    .refine(
      ({ witnesses, quorum }) => quorum === null || quorum <= witnesses.length,
      'quorum is at most the number of witnesses',
    )
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
    })
    .prefault({}),
})
export type Settings = z.infer<typeof Settings>
