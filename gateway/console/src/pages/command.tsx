import { useEffect, useState } from 'preact/hooks'
import type { Argument, Command, Device, SentCommand } from '../api'
import { enc, devicePath, Failure, get, post } from '../api'
import { isOperator } from '../app'
import { clock, safe, safeLine, span, unit, when, words } from '../format'
import { live, now, useStore } from '../live'
import { CopyButton, Failed, Icon, Link } from '../ui'

const ERRORS = words<string>({ busy: 'The device has too much to do. Send it again.', expired: 'It came too late, and was not carried out.', dup: 'The device had it already.' })
const DROPS = words<string>({ unknown: 'nobody of that id was ever here', absent: 'it is not connected', denied: 'not allowed', full: 'its mailbox is full', large: 'too large for it', slow: 'it reads too slowly', refused: 'it refused the message', damaged: 'its bytes on the disk could not be read', ended: 'its Session ended', away: 'the upstream is away', topic: 'the upstream cannot carry its topic' })

/** What somebody typed, and the argument as it was then: it is of no use for one of another kind or range. */
interface Typed { of: string; text: string }

export function CommandForm({ device, preset, sent, changed }: { device: Device; preset?: string; sent: SentCommand[]; changed: () => void }) {
  const commands = device.commands
  const [name, setName] = useState(preset ?? commands[0]?.name ?? '')
  // The one that was chosen and no other: a new birth may not name it any more.
  const command = commands.find((c) => c.name === name)
  const [values, setValues] = useState<Record<string, Typed>>({})
  const [offered, setOffered] = useState<Record<string, string>>({})
  const [raw, setRaw] = useState('')
  const [seconds, setSeconds] = useState('')
  const [failure, setFailure] = useState<Failure | null>(null)
  const [following, setFollowing] = useState<string | null>(null)
  const sign = useStore(live).sign
  useEffect(() => { if (name === '' && commands.length > 0) setName(commands[0].name) }, [commands.length])
  useEffect(() => { setValues({}); setRaw(''); setSeconds(''); setFailure(null) }, [name])
  const followed = sent.find((c) => c.id === following)
  // What is offered stays until somebody chooses another command or has sent this one: a switch does not turn under the hand.
  const shape = command ? JSON.stringify(command) : ''
  useEffect(() => { if (command) setOffered(Object.fromEntries(command.arguments.map((a) => [a.name, startOf(a, device)]))) }, [shape, followed?.over])
  const valueOf = (a: Argument) => values[a.name]?.of === JSON.stringify(a) ? values[a.name].text : offered[a.name] ?? startOf(a, device)
  const open = followed ?? sent[0]

  const blocked = sign !== 'live' ? 'The page is not live: nobody knows what would become of it' : !isOperator() ? 'Needs role operator' : !command ? 'Choose a command that it knows' : ''
  const args = (command: Command): Record<string, unknown> => {
    if (!command.known) { if (raw.trim() === '') return {}; return JSON.parse(raw) as Record<string, unknown> }
    const made: Record<string, unknown> = {}
    for (const a of command.arguments) {
      const v = valueOf(a)
      if (v === '') { if (!a.optional) throw new Error(`“${a.name}” is missing.`); continue }
      if (a.kind === 'bool') made[a.name] = v === 'true'
      else if (a.kind === 'whole' || a.kind === 'number') {
        const n = Number(v)
        if (!Number.isFinite(n) || (a.kind === 'whole' && !Number.isInteger(n))) throw new Error(`“${a.name}” is ${a.kind === 'whole' ? 'a whole number' : 'a number'}.`)
        if ((a.min !== undefined && n < a.min) || (a.max !== undefined && n > a.max)) throw new Error(`“${a.name}” is between ${a.min} and ${a.max}.`)
        made[a.name] = n
      } else made[a.name] = v
    }
    return made
  }
  const send = async (e?: Event) => {
    e?.preventDefault()
    setFailure(null)
    if (!command || blocked !== '') return
    try {
      const made = args(command)
      const c = await post<SentCommand>(devicePath(device.row, '/commands'), { command: command.name, arguments: Object.keys(made).length ? made : undefined, seconds: seconds === '' ? undefined : Number(seconds) })
      setFollowing(c.id); changed()
      await get<SentCommand>(`/commands/${c.id}?wait=15`).catch(() => { })
      changed()
    } catch (x) { setFailure(x instanceof Failure ? x : new Failure(0, 'Not sent.', x instanceof SyntaxError ? 'The arguments are no JSON object.' : (x as Error).message)) }
  }
  if (commands.length === 0 && name === '') return <p class="muted">Its birth names no commands. It answers those that it knows all the same: see <code>firmware/docs/wire.md</code>.</p>
  const lives: [string, string][] = [['', command ? `${span(command.seconds * 1000)}, as usual for it` : 'as usual for it'], ['10', '10 s'], ['60', '60 s'], ['3600', '1 h'], ['86400', '1 day'], ['604800', '7 days']]
  return <form class="command" onSubmit={send}>
    <label class="field"><span>Command</span><select value={name} onChange={(e) => setName((e.target as HTMLSelectElement).value)}>{!command && <option value={name}>{safeLine(name, 40)}</option>}{commands.map((c) => <option key={c.name} value={c.name}>{safeLine(c.name, 40)}</option>)}</select></label>
    {!command ? <p class="notice warn"><Icon name="warn" /><span>The board does not name <code>{safeLine(name, 40)}</code> any more. Nothing is sent: choose another command.</span></p>
      : command.known ? command.arguments.map((a) => <Field key={command.name + a.name} a={a} device={device} value={valueOf(a)} set={(v) => setValues({ ...values, [a.name]: { of: JSON.stringify(a), text: v } })} />)
      : <label class="field"><span>Arguments</span><textarea class="mono" rows={3} value={raw} placeholder='{"on": true}' onInput={(e) => setRaw((e.target as HTMLTextAreaElement).value)} /></label>}
    <label class="field"><span>Valid for</span><select value={seconds} onChange={(e) => setSeconds((e.target as HTMLSelectElement).value)}>{lives.map(([v, l]) => <option key={v} value={v}>{l}</option>)}</select></label>
    {failure && <Failed failure={failure} />}
    <div class="row"><button class="button primary" disabled={blocked !== ''} title={blocked || undefined}><Icon name="send" />Send</button>
      {command && <CopyButton text={() => { let made = {}; try { made = args(command) } catch { /* as far as it is filled in */ } return `curl -H 'Authorization: Bearer KEY' -H 'content-type: application/json' -d '${JSON.stringify({ command: command.name, arguments: made }).replace(/'/g, "'\\''")}' ${location.origin}/api/v1${devicePath(device.row, '/commands')}` }}>Copy as command</CopyButton>}</div>
    {blocked && sign !== 'looking' && <p class="muted small">{blocked}.</p>}
    {open && <><Timeline c={open} device={device} /><Link to={`/messages/trace?command=${enc(open.id)}`} class="small">Where is it? Each step in the gateway</Link></>}
  </form>
}

/** What an argument is before somebody touches it: the other way round of what is now, or what it is when it is left out. */
function startOf(a: Argument, device: Device): string {
  if (a.kind === 'bool') { const is = stateOf(a, device); return is === undefined ? 'false' : String(is !== 'true') }
  if (a.default !== undefined) return a.default
  return a.kind === 'choice' ? a.choices?.[0] ?? '' : ''
}
export function stateOf(a: Argument, device: Device): string | undefined {
  if (!a.state) return undefined
  const dot = a.state.lastIndexOf('.'), of = a.state.slice(0, dot), member = a.state.slice(dot + 1)
  const event = device.events.find((e) => e.name === of)
  if (event) { try { const v = (JSON.parse(event.text) as Record<string, unknown>)[member]; return v === undefined ? undefined : String(v) } catch { return undefined } }
  const metric = device.streams.find((s) => s.name === of)?.metrics.find((m) => m.name === member)
  return metric === undefined ? undefined : String(metric.value)
}
function Field({ a, device, value, set }: { a: Argument; device: Device; value: string; set: (v: string) => void }) {
  const is = stateOf(a, device)
  const hint = [a.min !== undefined ? `${a.min} to ${a.max}${a.kind === 'text' ? ' bytes' : ''}` : '', a.optional ? 'may be left out' : ''].filter(Boolean).join(', ')
  if (a.kind === 'bool') return <div class="field"><span id={'l-' + a.name}>{safeLine(a.name, 32)}</span><span class="row"><button type="button" role="switch" class="switch" aria-checked={value === 'true'} aria-labelledby={'l-' + a.name} onClick={() => set(String(value !== 'true'))}><span /></button><span>{value === 'true' ? 'on' : 'off'}</span>{is !== undefined && <small>(now {is === 'true' ? 'on' : 'off'})</small>}</span></div>
  if (a.kind === 'choice' && (a.choices?.length ?? 9) <= 4) return <div class="field"><span>{safeLine(a.name, 32)}</span><span class="segments" role="group">{a.choices!.map((c) => <button key={c} type="button" aria-pressed={value === c} onClick={() => set(c)}>{safeLine(c, 24)}</button>)}</span></div>
  if (a.kind === 'choice') return <label class="field"><span>{safeLine(a.name, 32)}</span><select value={value} onChange={(e) => set((e.target as HTMLSelectElement).value)}>{a.choices!.map((c) => <option key={c} value={c}>{safeLine(c, 40)}</option>)}</select></label>
  return <label class="field"><span>{safeLine(a.name, 32)}</span><span class="with-unit"><input value={value} inputMode={a.kind === 'text' ? 'text' : 'decimal'} placeholder={hint} onInput={(e) => set((e.target as HTMLInputElement).value)} />{a.unit && <small>{unit(a.unit)}</small>}</span></label>
}

export function Timeline({ c, device }: { c: SentCommand; device: Device }) {
  const n = useStore(now)
  const step = (icon: string, kind: string, text: preact.ComponentChildren, t: number) => <li class={kind}><Icon name={icon} size={16} /><span class="grow">{text}</span><small>{t === c.sent ? clock(t) : t - c.sent < 60_000 ? `+${t - c.sent} ms` : when(t, n, true)}</small></li>
  return <ol class="timeline" aria-label={`What became of ${c.command}`} aria-live="polite">
    {!c.over && <li class="pending"><span class="spinner" /><span class="grow">{c.steps.some((s) => s.name === 'delivered') ? 'Waiting for the answer' : device.row.state === 'asleep' ? `Asleep until ${when(device.row.until, n)}` : device.row.state === 'online' ? 'On its way' : 'Goes as soon as it is back'}</span>{c.expires > n && <small>expires in {span(c.expires - n)}</small>}</li>}
    {[...c.steps].reverse().map((s, i) => <StepLine key={i} s={s} />)}
  </ol>
  function StepLine({ s }: { s: SentCommand['steps'][number] }) {
    if (s.name === 'accepted') return step('check', '', <>Accepted: <code>{safeLine(c.command, 40)}</code>, sent by <b>{safeLine(c.user, 40)}</b></>, s.time)
    if (s.name === 'queued') return step('clock', '', <>Waits in its mailbox</>, s.time)
    if (s.name === 'delivered') return step('check', '', <>Delivered{device.row.address ? ` to ${device.row.address}` : ''}</>, s.time)
    if (s.name === 'answered') return c.status === 'ok' ? step('check', 'ok', <>Done{c.result && c.result !== '{}' ? <>: <code>{safe(readable(c.result), 300)}</code></> : ''}</>, s.time)
      : step('cross', 'bad', <>{ERRORS[c.status ?? ''] ?? 'Error'}{c.status === 'err' && <>: {safeLine(c.why ?? `code ${c.code}`, 200)}</>}</>, s.time)
    if (s.name === 'expired') return step('cross', 'bad', <>Expired before it could be delivered</>, s.time)
    if (s.name === 'unanswered') return step('warn', 'warn', <>No answer in its time. It may have been carried out, or not.</>, s.time)
    if (s.why === 'cancelled') return step('cross', '', <>Taken back before it was delivered</>, s.time)
    return step('cross', 'bad', <>Dropped: {DROPS[s.why ?? ''] ?? s.why}</>, s.time)
  }
}
function readable(json: string): string {
  try { return Object.entries(JSON.parse(json) as Record<string, unknown>).map(([k, v]) => `${k} = ${typeof v === 'object' ? JSON.stringify(v) : String(v)}`).join(', ') } catch { return json }
}
