import {
  boolean,
  integer,
  list,
  matching,
  object,
  oneOf,
  optional,
  text,
  type Shape,
} from './shape.ts'

/** An id that means nothing outside this log. Never a name, an address or a room. */
export const opaqueId = matching(
  /^[A-Za-z0-9_.-]{1,64}$/,
  'an id of 1 to 64 letters, digits, _ . -',
)
export const recordId = matching(/^[0-9a-f]{32}$/, '128 random bits in lower-case hex')
export const sha256Hex = matching(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex')
export const sha512Hex = matching(/^[0-9a-f]{128}$/, 'a SHA-512 in lower-case hex')
export const originName = matching(/^[^\p{White_Space}\p{Cc}+]{1,255}$/u, 'the origin of a log')

/** Milliseconds since the epoch, by the server's clock. */
export const time = integer()

/** A person in one call, by the random id they have there and nowhere else. */
export const subject = object({ ref: opaqueId })
export const policy = oneOf('everyone', 'each')
export const source = oneOf('microphone', 'camera', 'screen', 'screenAudio')

/** Consent holds from and until; at most to the end of the session. */
const until: Shape<number | 'end-of-session'> = (value, at) =>
  value === 'end-of-session' ? value : time(value, at)
export const validity = object({ from: time, until })

/** A stretch of one person's media that went into the recording. A pause ends one stretch, going on begins another. */
export const recordedTrack = object({ subject, source, startedAt: time, stoppedAt: time })
export const track = object({ subject, source })

const country = matching(/^[A-Z]{2}$/, 'a country, as two capital letters')
const line = text(500)
const party = object({
  name: line,
  address: line,
  contact: line,
  url: optional(text(500)),
  role: oneOf('controller', 'joint-controller', 'processor'),
})

/** Which text was shown: its exact bytes by hash, and the version they carry. */
export const shownNotice = object({
  sha256: sha256Hex,
  url: text(500),
  lang: text(8),
  version: text(32),
  date: matching(/^\d{4}-\d{2}-\d{2}$/, 'a date'),
  uiSha256: optional(sha256Hex),
})

/** What a request must say (ISO/IEC TS 27560 §6.3; GDPR art. 13). A list may be empty, a field is never absent. */
export const terms = {
  controllers: list(party, 1, 8),
  processors: list(party, 0, 8),
  purposes: list(
    object({
      id: oneOf('recording'),
      text: text(200),
      category: oneOf('recording-of-communication'),
      required: oneOf(false),
    }),
    1,
    1,
  ),
  media: object({ audio: boolean, video: boolean, screen: boolean }),
  biometricTemplate: oneOf(false),
  hostMayChange: boolean,
  lawfulBasis: text(100),
  collectionMethod: oneOf('in-call dialog, affirmative click'),
  processing: list(oneOf('record', 'store'), 1, 2),
  automatedDecisions: oneOf(false),
  storage: list(object({ location: line, country }), 1, 8),
  processingLocations: list(country, 1, 8),
  transfers: list(line, 0, 8),
  retention: object({
    recordingDays: integer(1, 36_500),
    evidenceDays: integer(1, 36_500),
    from: oneOf('end-of-recording'),
  }),
  recipients: list(object({ name: line, role: line, country }), 0, 16),
  jurisdiction: list(text(8), 1, 8),
  withdrawal: object({
    inCall: oneOf('one click'),
    url: text(500),
    contact: line,
    afterwards: oneOf('keep-until-destroyed-or-expired'),
  }),
  rights: object({ url: text(500) }),
  authority: object({ name: line, url: text(500) }),
}
