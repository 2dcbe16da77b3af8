import { readFileSync } from 'node:fs'
import { z } from 'zod'
import {
  to27560JsonLd,
  toKantara11,
  toVcon,
  type DecisionEvidence,
} from '../../../../src/audit/exports/index.ts'

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** Each export as an integrator meets it: JSON, beside the schema that is published for it. */
export const formats = {
  iso27560: { write: to27560JsonLd, schema: schemaOf('iso27560') },
  kantara: { write: toKantara11, schema: schemaOf('kantara') },
  vcon: { write: toVcon, schema: schemaOf('vcon') },
} as const
export type Format = keyof typeof formats
export const names = Object.keys(formats) as Format[]

export function exported(format: Format, evidence: DecisionEvidence): Json {
  return JSON.parse(JSON.stringify(formats[format].write(evidence)))
}

const validators = Object.fromEntries(
  names.map((name) => [
    name,
    z.fromJSONSchema(formats[name].schema as z.core.JSONSchema.JSONSchema),
  ]),
)

/** Undefined when the schema accepts it, else the first thing it says against it. */
export function refusal(format: Format, json: Json): string | undefined {
  const { error } = validators[format]!.safeParse(json)
  return error && JSON.stringify(error.issues[0])
}

function schemaOf(name: string): { readonly [key: string]: Json } {
  return JSON.parse(readFileSync(`docs/schemas/${name}.schema.json`, 'utf8'))
}
