import { PersonId, Source } from '#protocol'
import { byType, integer, list, number, object, oneOf, schema, text, type Of } from './shape.ts'

const Tap = integer()

/**
 * What the server tells the recorder. It gets no token, no address but loopback, no name of a person, and of keys only
 * the readers' public ones.
 */
const toRecorder = byType({
  /** First, once. */
  open: object({
    type: oneOf('open'),
    folder: text(4096),
    startedAt: integer(),
    recipients: list(text(8192), 16),
  }),
  /** Open a socket for one stream; answered by `bound`. */
  bind: object({ type: oneOf('bind'), tap: Tap, person: schema(PersonId), source: schema(Source) }),
  /** The stream is about to come from that port, and from no other. */
  start: object({
    type: oneOf('start'),
    tap: Tap,
    remotePort: integer(65_535),
    ssrc: integer(0xffff_ffff),
    payloadType: integer(127),
    mimeType: text(64),
    rate: integer(),
    channels: integer(8),
    sprop: text(1024),
    notBefore: integer(),
  }),
  report: object({
    type: oneOf('report'),
    tap: Tap,
    ssrc: integer(0xffff_ffff),
    ntpMs: number,
    rtp: integer(0xffff_ffff),
  }),
  /** Ends a stream; nothing that arrived after `at` is kept. Answered by `closed`. */
  close: object({ type: oneOf('close'), tap: Tap, at: number }),
  /** After the last `close`: leave. */
  end: object({ type: oneOf('end') }),
})
export type ToRecorder = Of<typeof toRecorder>

/** What the recorder tells the server. */
const fromRecorder = byType({
  ready: object({ type: oneOf('ready') }),
  bound: object({ type: oneOf('bound'), tap: Tap, port: integer(65_535) }),
  started: object({ type: oneOf('started'), tap: Tap }),
  keyFrame: object({ type: oneOf('keyFrame'), tap: Tap }),
  closed: object({ type: oneOf('closed'), tap: Tap }),
  /** Nothing more is written. */
  failed: object({ type: oneOf('failed'), why: oneOf('disk', 'media'), message: text(1000) }),
})
export type FromRecorder = Of<typeof fromRecorder>

/** Both throw Misfit: each side takes the other for someone who may lie. */
export const readToRecorder = (message: unknown): ToRecorder => toRecorder(message, 'message')
export const readFromRecorder = (message: unknown): FromRecorder => fromRecorder(message, 'message')
