export {
  createAuthenticator,
  type AuthOptions,
  type Authenticator,
  type IssuerOptions,
} from './authenticator.ts'
export {
  issueToken,
  newSigningKey,
  openSigningKey,
  type SigningKey,
  type TokenClaims,
} from './issue.ts'
export { originAllowed } from './origins.ts'
export { renewed, type Account, type Principal } from './principal.ts'
export { refusalReasons, TokenRefused, type RefusalReason } from './refusal.ts'
export { steppedUp, type StepUp } from './step-up.ts'
export { turnCredentials } from './turn.ts'
