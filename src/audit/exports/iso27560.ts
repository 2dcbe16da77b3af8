import { dpvContext } from './dpv-context.ts'
import { dpvProcess } from './dpv-process.ts'
import { absolute, checkNotice, isoTime, recordUuid, type DecisionEvidence } from './evidence.ts'

/**
 * A consent receipt of ISO/IEC TS 27560:2023 around a copy of its record, in the JSON-LD of the W3C guide for DPV, with
 * what the GDPR wants besides. Of every decision, silence too. Throws Flaw `export-notice` and `export-time`.
 */
export function to27560JsonLd(evidence: DecisionEvidence) {
  checkNotice(evidence)
  const { core } = evidence
  const id = `urn:uuid:${recordUuid(core)}`
  return {
    '@context': dpvContext,
    '@id': `${id}#receipt`,
    '@type': 'dpv:ConsentReceipt',
    'dct:conformsTo': `${profiles}#receipt-eu-gdpr`,
    // The guide names the one in its text and the other in its tables.
    'dct:identifier': core.recordId,
    'dpv:hasIdentifier': core.recordId,
    'dct:created': isoTime(core.event.time),
    'dct:publisher': `${id}#controller-1`,
    'dpv:hasRecordOfActivity': record(evidence, id),
  }
}

function record(evidence: DecisionEvidence, id: string) {
  const { core, asked, log } = evidence
  const { controllers, processors, authority } = asked
  const ids = {
    controllers: controllers.map((_, i) => `${id}#controller-${i + 1}`),
    processors: processors.map((_, i) => `${id}#processor-${i + 1}`),
    authority: `${id}#authority`,
  }
  return {
    '@id': id,
    '@type': 'dpv:ConsentRecord',
    'dct:conformsTo': `${profiles}#record-eu-gdpr`,
    'dct:identifier': core.recordId,
    'dpv:hasIdentifier': core.recordId,
    'dct:source': logEntry(evidence),
    'dpv:hasDataSubject': person(evidence, `${id}#subject`),
    'dpv:hasNotice': {
      '@type': 'dpv:ConsentNotice',
      'dct:language': asked.notice.lang,
      'dct:date': asked.notice.date,
      'schema:version': asked.notice.version,
      'schema:url': absolute(asked.notice.url, log),
      'schema:sha256': core.noticeSha256,
    },
    'dpv:hasProcess': dpvProcess(asked, log, ids),
    'dpv:hasEntity': [
      ...controllers.map((party, i) => entity(party, ids.controllers[i]!, 'dpv:DataController')),
      ...processors.map((party, i) => entity(party, ids.processors[i]!, 'dpv:DataProcessor')),
      {
        '@id': ids.authority,
        '@type': 'dpv:Authority',
        'dpv:hasIdentifier': ids.authority,
        'dpv:hasName': authority.name,
        'schema:url': authority.url,
      },
    ],
    'dpv:hasConsentStatus': status(evidence, `${id}#subject`, `${id}#controller-1`),
  }
}

/** The random id of the call, which stays, and the name and account, which can be erased. */
const person = ({ core, subject }: DecisionEvidence, id: string) => ({
  '@id': id,
  '@type': 'dpv:DataSubject',
  'dct:identifier':
    subject?.account === undefined ? [core.subject.ref] : [core.subject.ref, subject.account],
  ...(subject?.name === undefined ? {} : { 'dpv:hasName': subject.name }),
})

type Party = DecisionEvidence['asked']['controllers'][number]

const entity = ({ name, address, contact, url, role }: Party, id: string, type: string) => ({
  '@id': id,
  '@type': type,
  'dct:type': role,
  'dpv:hasIdentifier': id,
  'dpv:hasName': name,
  'dpv:hasAddress': address,
  'dpv:hasContact': contact,
  ...(url === undefined ? {} : { 'schema:url': url }),
})

const logEntry = ({ log }: DecisionEvidence) => ({
  'dct:identifier': `${log.origin} ${log.index}`,
  'dct:provenance': log.checkpoint,
})

/** Whoever did not act did not indicate anything: silence and a lost connection are told by the server, for the controller. */
function status(evidence: DecisionEvidence, subject: string, controller: string) {
  const { event } = evidence.core
  const isTheirAct = event.cause === 'click'
  return {
    '@type': statusOf(event),
    'dpv:isIndicatedAtTime': isoTime(event.time),
    'dpv:isIndicatedBy': isTheirAct ? subject : controller,
    'dpv:hasIndicationMethod': [event.cause, onWhoseWord(evidence)],
    'dpv:hasDuration': duration(event),
  }
}

function onWhoseWord({ proof, mayBeSigned }: DecisionEvidence): string {
  if (proof !== undefined) return 'signed by the person'
  return mayBeSigned === true
    ? 'attested by the server, a signature is not at hand'
    : 'attested by the server'
}

type Event = DecisionEvidence['core']['event']

function statusOf(event: Event): string | readonly string[] {
  switch (event.state) {
    case 'given':
      return ['dpv:ConsentGiven', 'dpv:ExplicitlyExpressedConsent']
    case 'refused':
      return 'dpv:ConsentRefused'
    case 'withdrawn':
      // DPV keeps the one word for the person's own act.
      return event.cause === 'click' ? 'dpv:ConsentWithdrawn' : 'dpv:ConsentRevoked'
  }
}

/** A no has no end: no time that passes makes a yes of it. */
function duration(event: Event) {
  if (event.state !== 'given') return { '@type': 'dpv:EndlessDuration' }
  const { until } = event.validity
  return until === 'end-of-session'
    ? { '@type': 'dpv:UntilEventDuration', 'rdf:value': until }
    : { '@type': 'dpv:UntilTimeDuration', 'rdf:value': isoTime(until) }
}

const profiles = 'https://w3id.org/dpv/schema/dpv-27560'
