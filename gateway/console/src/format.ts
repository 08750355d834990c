/** What a name stands for, where others choose the name: `constructor` and `__proto__` stand for nothing. */
export const words = <T>(of: Record<string, T>): Record<string, T> => Object.assign(Object.create(null) as Record<string, T>, of)
const UNITS = words<string>({ Cel: '°C', '%RH': '% RH', '%EL': '%', '/': '', lx: 'lx', 'm/s2': 'm/s²', Pa: 'Pa', hPa: 'hPa', ppm: 'ppm', dBm: 'dBm', B: 'B', V: 'V', A: 'A', W: 'W', s: 's', ms: 'ms' })
const NAMES = words<string>({ temp: 'Temperature', hum: 'Humidity', press: 'Pressure', pres: 'Pressure', lux: 'Light', rssi: 'Signal', heap: 'Free memory', batt: 'Battery', co2: 'CO₂', soil: 'Soil moisture', volt: 'Voltage', pm25: 'PM2.5' })
export const unit = (code: string) => UNITS[code] ?? safeLine(code, 16)
export const title = (name: string) => NAMES[name] ?? safeLine(name.charAt(0).toUpperCase() + name.slice(1), 40)

// To make a format takes fifty times as long as to use it: each is made once.
const numbers = new Map<number, Intl.NumberFormat>()
function numberFormat(least: number, most: number, useGrouping: boolean): Intl.NumberFormat {
  const key = least * 200 + most * 2 + (useGrouping ? 1 : 0)
  let format = numbers.get(key)
  if (!format) numbers.set(key, format = new Intl.NumberFormat('en', { minimumFractionDigits: least, maximumFractionDigits: most, useGrouping }))
  return format
}
const whole = new Intl.NumberFormat('en')

export function number(value: number, digits?: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  const places = digits ?? (Number.isInteger(value) ? 0 : size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
  return numberFormat(digits ?? Math.min(places, 1), places, size >= 10000).format(value).replace('-', '−')
}
/** A value of that unit always has as many places: a column of them does not jump. */
export const placesOf = (code: string): number | undefined => code === 'Cel' || code === '%RH' ? 1 : code === 'dBm' || code === 'B' ? 0 : undefined
export const count = (n: number) => whole.format(n).replace('-', '−')
export function bytes(n: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let i = 0
  while (n >= 1000 && i < units.length - 1) { n /= 1024; i++ }
  return `${n >= 100 || i === 0 ? Math.round(n) : n.toFixed(1)} ${units[i]}`
}
export function span(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000))
  if (s < 60) return `${s} s`
  const m = Math.floor(s / 60)
  if (m < 60) return `${m} min`
  const h = Math.floor(m / 60)
  if (h < 24) return m % 60 ? `${h} h ${m % 60} min` : `${h} h`
  const d = Math.floor(h / 24)
  return h % 24 && d < 10 ? `${d} d ${h % 24} h` : `${d} d`
}
export const ago = (t: number, now: number) => now - t < 1500 ? 'now' : `${span(now - t)} ago`

export type Zone = 'local' | 'utc'
export const zone = { value: (localStorage.getItem('zone') ?? 'local') as Zone }
type InZones = { options: Intl.DateTimeFormatOptions } & Record<Zone, Intl.DateTimeFormat>
const inZones = (options: Intl.DateTimeFormatOptions): InZones => ({ options, local: new Intl.DateTimeFormat('en-GB', options), utc: new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }) })
const MINUTES = inZones({ hour: '2-digit', minute: '2-digit' }), SECONDS = inZones({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
const DAYS = inZones({ day: 'numeric', month: 'short' }), YEARS = inZones({ day: 'numeric', month: 'short', year: 'numeric' })
// A board may tell any number as a time; beyond what a Date can be, a format throws.
const MOST = 8.64e15
const told = (format: InZones, t: number) => Math.abs(t) <= MOST ? format[zone.value].format(t) : 'unknown'
export const clock = (t: number, withSeconds = true) => told(withSeconds ? SECONDS : MINUTES, t)
export const dayOf = (t: number) => told(DAYS, t)
// A format keeps the zone that it was made in: a tablet that is carried into another one shows that one's times from then on.
let offset = new Date().getTimezoneOffset()
export function zoneMayHaveChanged() {
  const now = new Date().getTimezoneOffset()
  if (now === offset) return
  offset = now
  for (const each of [MINUTES, SECONDS, DAYS, YEARS]) each.local = new Intl.DateTimeFormat('en-GB', each.options)
}
export const iso = (t: number) => Math.abs(t) <= MOST ? new Date(t).toISOString() : undefined
export function when(t: number, now: number, withSeconds = false): string {
  if (t <= 0) return 'unknown'
  const day = dayOf(t)
  if (day === dayOf(now)) return clock(t, withSeconds)
  if (day === dayOf(now - 86_400_000)) return `yesterday ${clock(t, false)}`
  return Math.abs(now - t) > 300 * 86_400_000 ? told(YEARS, t) : `${day} ${clock(t, false)}`
}
export function offsetText(t: number): string {
  if (zone.value === 'utc') return 'UTC'
  const minutes = -new Date(t).getTimezoneOffset()
  const sign = minutes < 0 ? '−' : '+'
  const h = Math.floor(Math.abs(minutes) / 60), m = Math.abs(minutes) % 60
  return minutes === 0 ? 'UTC' : `UTC${sign}${h}${m ? ':' + String(m).padStart(2, '0') : ''}`
}

/** Text of others: control and direction characters become visible, and it ends somewhere. */
export function safe(text: string, most = 4096): string {
  const cut = text.length > most ? text.slice(0, most) + '…' : text
  // eslint-disable-next-line no-control-regex
  return cut.replace(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u00AD\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
export const safeLine = (text: string, most = 200) => safe(text, most).replace(/\n/g, '⏎')

export function hex(base64: string): string {
  const raw = atob(base64)
  const lines: string[] = []
  for (let i = 0; i < Math.min(raw.length, 4096); i += 16) {
    const part = raw.slice(i, i + 16)
    const codes = [...part].map((c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join(' ')
    lines.push(`${i.toString(16).padStart(4, '0')}  ${codes.padEnd(47)}  ${[...part].map((c) => c >= ' ' && c <= '~' ? c : '.').join('')}`)
  }
  return lines.join('\n')
}
export const quote = (s: string) => `'${s.replace(/'/g, `'\\''`)}'`
/** As a command for a shell: who publishes the same again. No password in it. */
export function mosquitto(user: string, topic: string, payload: { text?: string; base64?: string }, qos: number, retain: boolean): string {
  const base = `mosquitto_pub -h ${location.hostname} -p 1883 -u ${quote(user)} -P PASSWORD -t ${quote(topic)} -q ${qos}${retain ? ' -r' : ''}`
  return payload.base64 !== undefined ? `echo ${quote(payload.base64)} | base64 -d | ${base} -s` : `${base} -m ${quote(payload.text ?? '')}`
}
/** On plain http there is no clipboard: a text field that is selected is the way then. */
export async function copy(text: string): Promise<boolean> {
  try { await navigator.clipboard.writeText(text); return true } catch { /* the older way */ }
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'offscreen'
  document.body.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  return done
}
