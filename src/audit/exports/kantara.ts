import { Flaw } from '../flaw.ts'
import {
  absolute,
  checkNotice,
  days,
  isoTime,
  mediaOf,
  type Asked,
  type DecisionEvidence,
  type Given,
  type LogEntry,
} from './evidence.ts'

/**
 * A Consent Receipt of the Kantara Initiative, version 1.1.0. It knows consent that was given and nothing else: throws
 * Flaw `export-not-given` for a refusal, a withdrawal and silence, and `export-notice`.
 */
export function toKantara11(evidence: DecisionEvidence) {
  checkNotice(evidence)
  const { core, asked, subject, log } = evidence
  const { event } = core
  if (event.state !== 'given') {
    const message = `a Kantara receipt is for consent that was given, not ${event.state}`
    throw new Flaw('export-not-given', `${message}: use iso27560 or vcon`)
  }
  return {
    version: 'KI-CR-v1.1.0',
    jurisdiction: asked.jurisdiction.join(', '),
    // §4.3.3: whole seconds.
    consentTimestamp: Math.floor(event.time / 1000),
    collectionMethod: asked.collectionMethod,
    consentReceiptID: core.recordId,
    language: asked.notice.lang,
    piiPrincipalId: subject?.account ?? core.subject.ref,
    piiControllers: [...asked.controllers, ...asked.processors].map(controller),
    policyUrl: absolute(asked.notice.url, log),
    services: [
      {
        service: `Call ${core.session.id}`,
        purposes: asked.purposes.map((one) => purpose(one, asked, termination(event, asked, log))),
      },
    ],
    sensitive: false,
    spiCat: [],
  }
}

type Party = Asked['controllers'][number]

/** The format wants an email and a telephone; a notice has one contact, which is one of them, or neither. */
const controller = ({ name, address, contact, url, role }: Party) => ({
  piiController: name,
  onBehalf: role === 'processor',
  contact,
  address: { streetAddress: address },
  email: /^[^\s@]+@[^\s@]+$/.test(contact) ? contact : notStated,
  phone: /^\+?[\d ()/.-]{5,}$/.test(contact) ? contact : notStated,
  ...(url === undefined ? {} : { piiControllerUrl: url }),
})

const purpose = ({ text, category }: Asked['purposes'][number], asked: Asked, ends: string) => ({
  purpose: text,
  purposeCategory: [category],
  consentType: 'EXPLICIT',
  piiCategory: mediaOf(asked),
  // Nobody needs to be recorded to take part in a call.
  primaryPurpose: false,
  termination: ends,
  ...(asked.recipients.length === 0
    ? { thirdPartyDisclosure: false }
    : {
        thirdPartyDisclosure: true,
        thirdPartyName: asked.recipients.map(({ name }) => name).join(', '),
      }),
})

function termination({ validity: { until } }: Given, asked: Asked, log: LogEntry): string {
  const { inCall, url, contact } = asked.withdrawal
  return [
    until === 'end-of-session' ? 'Ends with the call' : `Ends at ${isoTime(until)}`,
    `or when it is withdrawn: ${inCall} in the call, ${absolute(url, log)}, ${contact}`,
    `the recording is kept for ${days(asked.retention.recordingDays)} from its end`,
  ].join('; ')
}

const notStated = 'N/A'
