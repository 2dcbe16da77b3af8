import { z } from 'zod'
import {
  aboutMeSchema,
  closeCodeOf,
  errors,
  events,
  maxFrameBytes,
  meActs,
  methods,
  serverMethods,
  type ErrorCode,
} from '#protocol'

type Row = { readonly about: string; readonly params: z.ZodType; readonly result?: z.ZodType }
type JsonSchema = Readonly<Record<string, unknown>>

/** The protocol reference for people, from the table that the code is typed from. */
export function renderMarkdown(): string {
  return `# Protocol reference

Generated from the one table of requests and events by \`npm run docs\`; a test fails when it is stale. The same in a form for
machines: [openrpc.json](openrpc.json).

## The connection

- \`wss://HOST/signal\`, subprotocol \`assent.v1\`. The token comes as a second subprotocol, \`assent.jwt.TOKEN\`, or in the
  \`Authorization: Bearer TOKEN\` header; never in the URL.
- A third subprotocol, \`assent.join.JSON\` in unpadded base64url, may carry the join with the upgrade: the params of \`session.join\`, but with
  \`capabilities\` as the SHA-256 of the capabilities' JSON. A server that knows the hash answers with the snapshot right behind the upgrade. The
  first message, \`session.join\` in full, is sent in any case and need not be awaited.
- \`GET /rtc/capabilities\` gives the router's capabilities and their SHA-256, so that a page can prepare before joining.
- JSON-RPC 2.0, one object in one text frame of at most ${maxFrameBytes} bytes, requests in both directions. Ids are integers from 0.
- Events are notifications. Each carries \`n\`, which counts from 1 for each page without a gap; \`session.joined\` brings everything up to its own number.
- Unknown methods and unknown keys are refused.

## Requests of the client

${Object.entries(methods)
  .map(([name, row]) => section(name, row))
  .join('\n')}
## Requests of the server

${Object.entries(serverMethods)
  .map(([name, row]) => section(name, row))
  .join('\n')}
## Events

${Object.entries(events)
  .map(([name, row]) => section(name, row))
  .join('\n')}
## What people do about what is held about them

\`POST /me/ACT\` on the same host, with \`Authorization: Bearer TOKEN\`: the token of a call, whichever. The body is the params; the answer
\`{"result":…}\`, or \`{"error":{"code":…,"message":…,"todo":…}}\` with its HTTP status. Whose data it is about is what the token says, and nothing else.
Twenty at once, then one every two seconds. What each act means: [rights.md](rights.md); all of \`see\`: [about-me.schema.json](schemas/about-me.schema.json).

${Object.entries(meActs)
  .map(([name, row]) => section(name, row))
  .join('\n')}
## Errors

Match on \`data.code\`, never on the text. Where a close code stands, the error can also end the connection.

| code | JSON-RPC | close | what to do |
|---|---|---|---|
${(Object.keys(errors) as ErrorCode[]).map((code) => errorRow(code)).join('\n')}
`
}

/** The same as an OpenRPC 1.3 document. Events stand under \`x-events\`, requests of the server under \`x-server-methods\`, acts on \`/me\` under \`x-me-acts\`. */
export function renderOpenRpc(): string {
  const document = {
    openrpc: '1.3.2',
    info: {
      title: 'Assent signaling',
      version: '1',
      description: 'Calls that cannot be recorded without consent.',
    },
    methods: Object.entries(methods).map(([name, row]) => openRpcMethod(name, row)),
    'x-server-methods': Object.entries(serverMethods).map(([name, row]) =>
      openRpcMethod(name, row),
    ),
    'x-me-acts': Object.entries(meActs).map(([name, row]) => openRpcMethod(name, row)),
    'x-events': Object.entries(events).map(([name, { about, params }]) => ({
      name,
      description: about,
      params: schemaOf(params),
    })),
    components: {
      errors: Object.fromEntries(
        (Object.keys(errors) as ErrorCode[]).map((code) => [
          code,
          { code: errors[code].rpc, message: errors[code].todo, data: { code } },
        ]),
      ),
    },
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** The form of `about-me.json` in a copy of everything. */
export const renderAboutMe = (): string => `${JSON.stringify(aboutMeSchema(), null, 2)}\n`

function section(name: string, { about, params, result }: Row): string {
  const answer = result === undefined ? '' : `\nResult:${fields(schemaOf(result))}`
  return `### \`${name}\`\n\n${about}\n\nParams:${fields(schemaOf(params))}${answer}\n`
}

function fields(schema: JsonSchema): string {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>)
  if (properties.length === 0) return ' none.\n'
  const required = new Set((schema['required'] ?? []) as string[])
  const rows = properties.map(
    ([name, of]) => `| \`${name}\` | ${typeOf(of)} | ${required.has(name) ? 'yes' : 'no'} |`,
  )
  return `\n\n| field | type | always there |\n|---|---|---|\n${rows.join('\n')}\n`
}

function typeOf(schema: JsonSchema): string {
  const {
    type,
    const: constant,
    enum: values,
    anyOf,
    oneOf,
    items,
    pattern,
    minimum,
    maximum,
    minLength,
    maxLength,
  } = schema as {
    type?: string
    const?: unknown
    enum?: unknown[]
    anyOf?: JsonSchema[]
    oneOf?: JsonSchema[]
    items?: JsonSchema
    pattern?: string
    minimum?: number
    maximum?: number
    minLength?: number
    maxLength?: number
  }
  if (constant !== undefined) return `\`${JSON.stringify(constant)}\``
  if (values !== undefined) return values.map((value) => `\`${JSON.stringify(value)}\``).join(', ')
  const union = anyOf ?? oneOf
  if (union !== undefined) return union.map(typeOf).join(' or ')
  if (type === 'array') return `list of ${typeOf(items ?? {})}`
  const range = (low: number | undefined, high: number | undefined, unit: string) =>
    low !== undefined || (high !== undefined && high < Number.MAX_SAFE_INTEGER)
      ? `, ${low ?? ''}…${high !== undefined && high < Number.MAX_SAFE_INTEGER ? high : ''}${unit}`
      : ''
  if (type === 'string')
    return `string${range(minLength, maxLength, ' characters')}${pattern === undefined ? '' : `, \`${pattern.replaceAll('|', '\\|')}\``}`
  if (type === 'integer' || type === 'number')
    return `${type}${range(minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum, maximum, '')}`
  if (type === 'object') return 'object, see openrpc.json'
  return type ?? 'any'
}

const openRpcMethod = (name: string, { about, params, result }: Row) => ({
  name,
  description: about,
  paramStructure: 'by-name',
  params: Object.entries((schemaOf(params)['properties'] ?? {}) as Record<string, JsonSchema>).map(
    ([field, schema]) => ({
      name: field,
      required: ((schemaOf(params)['required'] ?? []) as string[]).includes(field),
      schema,
    }),
  ),
  result: { name: 'result', schema: result === undefined ? {} : schemaOf(result) },
})

const schemaOf = (schema: z.ZodType): JsonSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

function errorRow(code: ErrorCode): string {
  const close = closeCodeOf(code)
  return `| \`${code}\` | ${errors[code].rpc} | ${close === 1011 ? '' : close} | ${errors[code].todo} |`
}
