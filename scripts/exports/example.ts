import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto'
import { RequestId, SessionId, type Notice } from '#protocol'
import { utf8 } from '../../src/audit/bytes.ts'
import { signCheckpoint } from '../../src/audit/checkpoint.ts'
import { asked, type DecisionEvidence } from '../../src/audit/exports/index.ts'
import { sha256 } from '../../src/audit/sha256.ts'

/** A yes of Anna Example to the recording of a call, for the documentation: its keys are no secret, its log has no server. */
export function exampleEvidence(): DecisionEvidence {
  const bytes = utf8(JSON.stringify(notice))
  const question = asked(notice, bytes)
  const noticeSha256 = sha256(bytes).toHex()
  const subject = { ref: 'person_c4vqj5x2m7ktd3hw6rzyn2bfal' }
  const checkpoint = { origin, size: 4, root: sha256(utf8('four entries')) }
  const personKey = exampleKey(7)
  const { x = '' } = createPublicKey(personKey).export({ format: 'jwk' })
  const jkt = base64url(sha256(utf8(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`)))
  const about = {
    nonce: base64url(sha256(utf8('nonce'))),
    iat: decidedAt / 1000,
    origin,
  }
  const seen = { size: checkpoint.size, root: checkpoint.root.toBase64() }
  const requestJws = jws(exampleKey(8), 'consent-request+jws', 'statement-key', {
    v: 1,
    jkt,
    ...about,
    exp: decidedAt / 1000 + 60,
    checkpoint: seen,
    subject,
    ...question,
  })
  return {
    core: {
      schema: 'assent:consent-record:1',
      recordId: '3f1c9a5e07b24d6880e1d2c3b4a59687',
      type: 'decision',
      session: { id: notice.session.id },
      event: {
        state: 'given',
        time: decidedAt,
        cause: 'click',
        validity: { from: decidedAt, until: 'end-of-session' },
      },
      requestId: notice.requestId,
      subject,
      noticeSha256,
      present: [subject.ref],
    },
    asked: question,
    subject: {
      name: 'Anna Example',
      account: 'anna@clinic.example',
      auth: { method: 'oidc', issuer: 'https://login.clinic.example', time: startedAt },
    },
    proof: {
      requestJws,
      decisionJws: jws(personKey, 'consent-decision+jws', jkt, {
        v: 1,
        decision: 'given',
        purposes: [{ id: 'recording', granted: true }],
        requestSha256: sha256(utf8(requestJws)).toHex(),
        noticeSha256,
        sid: notice.session.id,
        sub: subject.ref,
        ...about,
        seen,
        prev: null,
      }),
      jwk: { kty: 'OKP', crv: 'Ed25519', x },
    },
    log: {
      origin,
      index: 4,
      checkpoint: signCheckpoint(
        { origin, size: 5, root: sha256(utf8('five entries')) },
        { name: origin, keyId: sha256(utf8(origin)).subarray(0, 4), sign: signer(exampleKey(9)) },
      ),
    },
    recorded: [
      { source: 'microphone', startedAt: decidedAt + 1500, stoppedAt: decidedAt + 1_801_500 },
      { source: 'camera', startedAt: decidedAt + 1500, stoppedAt: decidedAt + 900_000 },
    ],
  }
}

const startedAt = Date.UTC(2026, 4, 4, 9, 0)
const decidedAt = Date.UTC(2026, 4, 4, 9, 2, 30)
const origin = 'calls.clinic.example/consent/2026'

const notice: Notice = {
  schema: 'assent/notice/v1',
  requestId: RequestId.parse('req_q3hw6rzyn2bfalc4vqj5x2m7kt'),
  session: { id: SessionId.parse('call_zyn2bfalc4vqj5x2m7ktd3hw6r'), startedAt },
  askedBy: { name: 'Dr. Ben Sample', at: decidedAt - 10_000 },
  controllers: [
    {
      name: 'Example Clinic GmbH',
      address: 'Beispielweg 1, 10115 Berlin, Germany',
      contact: 'privacy@clinic.example',
      url: 'https://clinic.example',
      role: 'controller',
    },
  ],
  processors: [
    {
      name: 'Example Hosting AG',
      address: 'Musterstraße 2, 60311 Frankfurt am Main, Germany',
      contact: '+49 69 0000 0000',
      role: 'processor',
    },
  ],
  purposes: [
    {
      id: 'recording',
      text: 'Second opinion by a colleague',
      category: 'recording-of-communication',
      required: false,
    },
  ],
  media: { audio: true, video: true, screen: false },
  biometricTemplate: false,
  policy: 'everyone',
  hostMayChange: false,
  lawfulBasis: 'Consent, GDPR art. 6(1)(a)',
  collectionMethod: 'in-call dialog, affirmative click',
  processing: ['record', 'store'],
  automatedDecisions: false,
  storage: [{ location: 'Example Hosting AG, Frankfurt', country: 'DE' }],
  processingLocations: ['DE'],
  transfers: [],
  retention: { recordingDays: 30, evidenceDays: 1095, from: 'end-of-recording' },
  recipients: [{ name: 'Dr. Cara Reader', role: 'consulting physician', country: 'DE' }],
  jurisdiction: ['DE'],
  withdrawal: {
    inCall: 'one click',
    url: '/me',
    contact: 'privacy@clinic.example',
    afterwards: 'keep-until-destroyed-or-expired',
  },
  rights: { url: '/me' },
  authority: {
    name: 'Berliner Beauftragte für Datenschutz und Informationsfreiheit',
    url: 'https://www.datenschutz-berlin.de',
  },
  validity: { from: decidedAt - 10_000, until: 'end-of-session' },
  policyText: { version: '3', date: '2026-03-01', lang: 'en', url: '/policy/en' },
}

/** An Ed25519 key whose secret is one byte, 32 times (RFC 8410 §7). */
const exampleKey = (byte: number): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.alloc(32, byte),
    ]),
    format: 'der',
    type: 'pkcs8',
  })

const signer = (key: KeyObject) => (message: Uint8Array) => sign(undefined, message, key)

function jws(key: KeyObject, typ: string, kid: string, payload: unknown): string {
  const part = (value: unknown) => base64url(utf8(JSON.stringify(value)))
  const message = `${part({ alg: 'Ed25519', typ, kid })}.${part(payload)}`
  return `${message}.${base64url(signer(key)(utf8(message)))}`
}

const base64url = (bytes: Uint8Array): string =>
  bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
