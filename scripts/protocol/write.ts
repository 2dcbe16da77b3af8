import { writeFileSync } from 'node:fs'
import { renderMarkdown, renderOpenRpc } from './render.ts'

writeFileSync('docs/protocol.md', renderMarkdown())
writeFileSync('docs/openrpc.json', renderOpenRpc())
console.log('wrote docs/protocol.md and docs/openrpc.json')
