const name = { '@type': '@id' } as const
const dateTime = { '@type': 'xsd:dateTime' } as const

/** Prefixes, and which properties hold the name of a thing and not a text (JSON-LD 1.1 §4.2). Inline: nothing is fetched. */
export const dpvContext = {
  dpv: 'https://w3id.org/dpv#',
  'eu-gdpr': 'https://w3id.org/dpv/legal/eu/gdpr#',
  loc: 'https://w3id.org/dpv/loc#',
  pd: 'https://w3id.org/dpv/pd#',
  dct: 'http://purl.org/dc/terms/',
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  schema: 'https://schema.org/',
  skos: 'http://www.w3.org/2004/02/skos/core#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
  'dct:created': dateTime,
  'dpv:isIndicatedAtTime': dateTime,
  'dct:date': { '@type': 'xsd:date' },
  'dct:conformsTo': name,
  'dct:publisher': name,
  'dpv:hasAuthority': name,
  'dpv:hasContext': name,
  'dpv:hasDataController': name,
  'dpv:hasDataProcessor': name,
  'dpv:hasJurisdiction': name,
  'dpv:hasLocation': name,
  'dpv:hasNecessity': name,
  'dpv:hasProcessing': name,
  'dpv:isIndicatedBy': name,
  'skos:broader': name,
} as const
