/**
 * What a demo's keys are called, so that production can tell them. RFC 6761 §6.4: `.invalid`
 * belongs to nobody.
 */
export const demoIssuer = 'https://demo.assent.invalid'
export const demoFolder = 'demo'
