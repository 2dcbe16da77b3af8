import { absolute, days, mediaOf, type Asked, type LogEntry } from './evidence.ts'

/** What was asked for, as a `dpv:Process` (guide to ISO/IEC TS 27560 with DPV, "Processing Fields"); parties by their ids. */
export function dpvProcess(asked: Asked, log: LogEntry, ids: PartyIds) {
  const { retention, withdrawal, rights } = asked
  return {
    '@type': 'dpv:Process',
    'dpv:hasService': { '@type': 'dpv:Service', 'dct:identifier': asked.session.id },
    'dpv:hasPurpose': asked.purposes.map(({ id, text, category }) => ({
      '@type': 'dpv:Purpose',
      'dct:identifier': id,
      'dct:type': category,
      'dct:description': text,
      'dpv:hasNecessity': 'dpv:Optional',
    })),
    'dpv:hasLegalBasis': {
      '@type': ['eu-gdpr:A6-1-a', 'dpv:ExplicitlyExpressedConsent'],
      'dct:description': asked.lawfulBasis,
    },
    'dpv:hasPersonalData': mediaOf(asked).map((kind) => ({
      '@type': 'dpv:PersonalData',
      'dct:title': kind,
      'skos:broader': categoryOf[kind],
      'dpv:hasNecessity': 'dpv:Optional',
    })),
    'dpv:hasDataSource': {
      '@type': 'dpv:DataSubjectDataSource',
      'dct:description': asked.collectionMethod,
    },
    'dpv:hasProcessing': asked.processing.map((one) => processingOf[one]),
    'dpv:hasStorageCondition': [
      ...asked.storage.map(({ location, country }) => ({
        '@type': 'dpv:StorageLocation',
        'dct:title': location,
        'dpv:hasLocation': place(country),
      })),
      kept('recording', retention.recordingDays, retention.from),
      kept('evidence', retention.evidenceDays, retention.from),
    ],
    'dpv:hasProcessingCondition': {
      '@type': 'dpv:ProcessingLocation',
      'dpv:hasLocation': asked.processingLocations.map(place),
    },
    'dpv:hasRule': [...transfers(asked), ...prohibitions],
    'dpv:hasDataController': ids.controllers,
    'dpv:hasDataProcessor': ids.processors,
    'dpv:hasRecipient': asked.recipients.map(({ name, role, country }) => ({
      '@type': 'dpv:Recipient',
      'dpv:hasName': name,
      'dct:description': role,
      'dpv:hasLocation': place(country),
    })),
    'dpv:hasJurisdiction': asked.jurisdiction.map(place),
    'dpv:hasConsentControl': {
      '@type': 'dpv:WithdrawConsent',
      'dpv:isExercisedAt': absolute(withdrawal.url, log),
      'dpv:hasContact': withdrawal.contact,
      'dct:description': [`${withdrawal.inCall} in the call`, withdrawal.afterwards],
    },
    'dpv:hasRight': {
      '@type': 'dpv:DataSubjectRight',
      'dpv:isExercisedAt': absolute(rights.url, log),
    },
    'dpv:hasAuthority': ids.authority,
  }
}

export type PartyIds = {
  readonly controllers: readonly string[]
  readonly processors: readonly string[]
  readonly authority: string
}

/** The names of the location extension are the codes of ISO 3166; any other text stays a text. */
const place = (code: string) =>
  /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/.test(code)
    ? `loc:${code}`
    : { '@type': 'dpv:Location', 'dct:title': code }

const kept = (what: string, count: number, from: string) => ({
  '@type': 'dpv:StorageDuration',
  'dct:title': what,
  'dct:description': from,
  'dpv:hasDuration': { '@type': 'dpv:TemporalDuration', 'rdf:value': days(count) },
})

/** None is said as a prohibition: a field that is absent would leave it open. */
const transfers = (asked: Asked) =>
  asked.transfers.length === 0
    ? [{ '@type': 'dpv:Prohibition', 'dpv:hasProcessing': 'dpv:CrossBorderTransfer' }]
    : asked.transfers.map((text) => ({
        '@type': 'dpv:Permission',
        'dpv:hasProcessing': 'dpv:CrossBorderTransfer',
        'dct:description': text,
      }))

/** The only values a notice can have: `biometricTemplate: false` and `automatedDecisions: false`. */
const prohibitions = [
  { '@type': 'dpv:Prohibition', 'dct:description': 'No template of a voice or face is made.' },
  { '@type': 'dpv:Prohibition', 'dpv:hasContext': 'dpv:AutomatedDecisionMaking' },
]

const processingOf = { record: 'dpv:Record', store: 'dpv:Store' } as const
const categoryOf = {
  audio: 'pd:VoiceCommunicationRecording',
  video: 'pd:Picture',
  screen: 'pd:Communication',
} as const
