import { to27560JsonLd, toKantara11, toVcon } from '../../src/audit/exports/index.ts'
import { exampleEvidence } from './example.ts'

/** The examples of docs/exports.md, by file. */
export function renderExamples(): ReadonlyMap<string, string> {
  const evidence = exampleEvidence()
  const examples = {
    iso27560: to27560JsonLd(evidence),
    kantara: toKantara11(evidence),
    vcon: toVcon(evidence),
  }
  return new Map(
    Object.entries(examples).map(([name, example]) => [
      `docs/examples/${name}.json`,
      `${JSON.stringify(example, null, 2)}\n`,
    ]),
  )
}
