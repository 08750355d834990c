// The HTTP API, as it is used here. Shapes are those of /api/v1/openapi.json.
export type State = 'online' | 'asleep' | 'overdue' | 'offline' | 'never'
export interface Reading { stream: string; name: string; value: number; unit: string; time: number; late: boolean; guessed: boolean }
export interface Row {
  name: string; prefix: string; group: string; clientId: string; state: State; since: number; why: string; until: number; address: string
  readings: Reading[]; heard: number; rssi?: number; battery?: number; batteryUnit?: string; firmware: string; board: string
  waiting: number; waitingExpires: number; notes: number
}
export interface Facets { all: number; online: number; asleep: number; overdue: number; offline: number; never: number; waiting: number }
export interface DevicePage { total: number; matched: number; offset: number; now: number; facets: Facets; groups: string[]; devices: Row[] }
export interface Argument { name: string; optional: boolean; kind: 'bool' | 'whole' | 'number' | 'text' | 'choice'; min?: number; max?: number; unit?: string; default?: string; state?: string; choices?: string[] }
export interface Command { name: string; class: 'ask' | 'act' | 'configure'; seconds: number; known: boolean; arguments: Argument[] }
export interface DeviceEvent { number: number; time: number; name: string; text: string; late: boolean }
export interface Visit { from: number; to: number; address: string; reason: string; detail?: string }
export interface Note { id: string; level: 'bad' | 'warn' | 'info'; title: string; text: string; do: string; subject: string; device: string; first: number; last: number; count: number }
export interface Device {
  row: Row; now: number; started: number; reset: string; booted: number; window: number; received: number; lost: number; starts: number
  streams: { name: string; intervalMs: number; metrics: Reading[] }[]; commands: Command[]; events: DeviceEvent[]; visits: Visit[]; failed: string[]; notes: Note[]
}
export type Point = [number, number, number, number, number, number]
export interface Readings { from: number; to: number; now: number; intervalMs: number; stepMs: number; metrics: { name: string; unit: string; points: Point[] }[] }
export interface SentCommand { id: string; command: string; arguments?: string; user: string; sent: number; expires: number; over: boolean; status?: string; code: number; why?: string; result?: string; steps: { name: string; time: number; why?: string }[] }
export interface Mailbox { count: number; first: { id?: string; command?: string; from?: string; bytes: number; accepted: number; expires: number }[] }
export interface Session { state: 'welcome' | 'login' | 'in'; user?: string; role?: 'monitor' | 'operator'; host?: string; version?: string; secure: boolean; kept?: boolean }
export interface Message { topic: string; text?: string; base64?: string; bytes: number; qoS: number; retained: boolean; time: number; from?: string; skipped: number }
export interface Topic { level: string; path: string; topics: number; count: number; hasChildren: boolean; message?: Message }
export interface Topics { parent?: string; since: number; now: number; known: number; notKept: number; matched: number; own?: Message; levels: Topic[] }
export interface TracedMessage {
  time: number; topic: string; from?: string; address?: string; origin: 'client' | 'gateway' | 'upstream'; qoS: number; retain: boolean; bytes: number; command?: string; state: string; position?: number; diskMs?: number
  answerMs?: number; answer?: string; more: boolean; ways: { kind: 'client' | 'upstream' | 'topic'; name: string; state: string; steps: { ms: number; text: string }[] }[]
}
export interface Trace { now: number; all: boolean; since: number; bytes: number; bytesMax: number; skipped: number; keptBytes: number; keptBytesMax: number; more: boolean; rules: { text: string; client: boolean; ends: number }[]; messages: TracedMessage[] }
export interface Upstream {
  name: string; state: 'connected' | 'away'; since: number; address: string; version: string; error?: string; detail?: string; do?: string; waiting: number; bytes: number; oldestMs: number
  sent: number; received: number; aside: number; asideBytes: number; waitingMax: number; waitingBytesMax: number; history: [number, number, number, number][]
  /** When it is tried next; not there while it is connected or being tried. */
  nextTry?: number
}
export interface Aside { number: number; reason: string; message: Message }
export interface Account { class: string; accepted: number; delivered: number; pending: number; expired: number; dropped: number; balanced: boolean; reasons: Record<string, number> }
export interface Health {
  now: number; started: number; version: string; checks: number; notes: Note[]; ledger: Account[]
  journal?: { bytesUsed: number; bytesMax: number; syncMs: number; frames: number; records: number; full: boolean; failed: boolean; diskFree: number; daysLeft?: number; writtenPerDay: number; cardYears: number }
  bounds: { name: string; words: string; used: number; max: number; unit: string }[]; drops: Record<string, number>; counters: Record<string, number>; memoryBytes: number; loadPercent: number
}
export interface Client { clientId: string; connected: boolean; role?: string; version?: string; address: string; since: number; keepAlive: number; subscriptions: number; inFlight: number; waiting: number; waitingBytes: number; waitingMax: number; durable: boolean; ends: number }
export interface LogLine { number: number; time: number; level: string; area: string; text: string }
export interface Users {
  kept: boolean; people: Person[]; keys: ApiKey[]; devices: string[]; roles: string[]; anonymous: boolean
}
export interface Person { name: string; role: string; from: 'settings' | 'users.json'; console: boolean; sessions: { address: string; since: number; last: number }[] }
export interface ApiKey { name: string; role: string; created: number }
export interface Made { clientId: string; name: string; settings: string; fileName: string; command: string; warning?: string | null }
export interface Setting { key: string; value: string; from: string }
export interface Tick { now: number; facets: Facets; notes: number; upstreamsDown: number; messagesPerSecond: number }

/** What index.html has asked for before this script was here: who is logged in, and the first rows of the list that the address names. */
export interface First { path: string; session: Session; devices?: DevicePage }
let first: Promise<First | null> | undefined = (window as unknown as { first?: Promise<First | null> }).first
let firstDevices: { path: string; page: DevicePage } | null = null
/** Who is logged in. The first answer is the one that is on its way already. */
export async function getSession(): Promise<Session> {
  const ahead = await first
  first = undefined
  if (!ahead) return get<Session>('/session')
  if (ahead.devices) firstDevices = { path: ahead.path, page: ahead.devices }
  return ahead.session
}
/** The rows that came with the page, once and only for what they were asked for. */
export function takeFirstDevices(path: string): DevicePage | null {
  const page = firstDevices?.path === path ? firstDevices.page : null
  firstDevices = null
  return page
}
/** They are too old: the stream begins with what is so now. */
export const dropFirstDevices = () => { firstDevices = null }

/** What the gateway said no with. */
export class Failure extends Error {
  constructor(readonly status: number, readonly title: string, readonly detail: string, readonly todo?: string) { super(`${title} ${detail}`) }
}

/** Told when the gateway does not know us any more: the login opens over the page. */
export const loggedOut = { tell: () => { } }

const PATIENCE_MS = 20_000
export async function call<T>(method: string, path: string, body?: unknown, patience = PATIENCE_MS): Promise<T> {
  const none = () => new Failure(0, 'No answer.', 'The gateway does not answer.', 'Look whether it runs and whether this device is on its network.')
  let answer: Response
  try {
    answer = await fetch('/api/v1' + path, {
      method, credentials: 'same-origin', signal: AbortSignal.timeout(patience),
      headers: method === 'GET' ? undefined : { 'content-type': 'application/json', 'X-DeviceMqtt': '1' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  } catch { throw none() }
  // Half an answer is none.
  if (answer.ok) { try { return await answer.json() as T } catch { throw none() } }
  let problem: { title?: string; detail?: string; do?: string } = {}
  try { problem = await answer.json() } catch { /* an answer without a body says enough by its status */ }
  if (answer.status === 401 && path !== '/session') loggedOut.tell()
  throw new Failure(answer.status, (problem.title ?? `The gateway says ${answer.status}`) + '.', problem.detail ?? '', problem.do)
}
export const get = <T,>(path: string) => call<T>('GET', path)
export const post = <T,>(path: string, body: unknown = {}) => call<T>('POST', path, body)
export const enc = encodeURIComponent
export const devicePath = (d: { name: string; prefix: string }, rest = '') => `/devices/${enc(d.name)}${rest}${rest.includes('?') ? '&' : '?'}prefix=${enc(d.prefix)}`
