import { useEffect, useRef, useState } from 'preact/hooks'
import type { Device, Failure, Made, Row } from '../api'
import { enc, get, post } from '../api'
import { isOperator } from '../app'
import { clock, safeLine, span, when } from '../format'
import { now, useStore } from '../live'
import { useLook } from '../poll'
import { go } from '../route'
import { Button, CopyButton, Empty, Failed, Icon } from '../ui'
import { Wiring } from './wiring'

const BOARDS: [string, string, string][] = [['esp32-devkitc', 'ESP32-DevKitC', 'ESP32, the common board with 38 pins'], ['esp32-c3-devkitm', 'ESP32-C3-DevKitM', 'ESP32-C3, small, USB'], ['huzzah32', 'HUZZAH32 Feather', 'ESP32, with a socket for a battery']]

export function Add() {
  const [board, setBoard] = useState('esp32-devkitc'), [name, setName] = useState(''), [group, setGroup] = useState('home'), [ssid, setSsid] = useState(''), [wifi, setWifi] = useState(''), [host, setHost] = useState(location.hostname === 'localhost' || location.hostname.startsWith('127.') ? '' : location.hostname)
  const [made, setMade] = useState<Made | null>(null), [began, setBegan] = useState(0)
  const [failure, setFailure] = useState<Failure | null>(null), [busy, setBusy] = useState(false), [replace, setReplace] = useState(false)
  const nameWrong = name !== '' && (/[/+#]/.test(name) || name.startsWith('$') || /[\u0000-\u001f]/.test(name)) ? 'One word, without / + # and $ in front' : new TextEncoder().encode(name).length > 40 ? 'Shorter, please' : ''
  if (!isOperator()) return <div class="page"><Empty icon="devices" title="Adding a device needs role operator"><p>Ask an operator.</p></Empty></div>
  const send = async (e: Event) => {
    e.preventDefault(); setFailure(null); setBusy(true)
    try { setMade(await post<Made>('/provision', { name, board, group, ssid, wifiPassword: wifi || undefined, host: host || undefined, replace })); setBegan(now.value) } catch (x) { setFailure(x as Failure) }
    setBusy(false)
  }
  return <div class="page add-page"><nav class="crumbs"><a href="/devices" onClick={(e) => { e.preventDefault(); go('/devices') }}>Devices</a></nav><header class="head"><h1>Add a device</h1></header>
    {!made ? <form class="card pad stack" onSubmit={send}>
      <fieldset><legend>1. Which board</legend><div class="boards">{BOARDS.map(([id, label, words]) => <label key={id} class={`board ${board === id ? 'chosen' : ''}`}><input type="radio" name="board" value={id} checked={board === id} onChange={() => setBoard(id)} /><BoardPicture kind={id} /><b>{label}</b><small>{words}</small></label>)}</div><Wiring board={board} /></fieldset>
      <fieldset><legend>2. What it is called</legend><div class="pair"><div><label>Name<input value={name} required spellcheck={false} autocomplete="off" placeholder="kitchen" aria-invalid={nameWrong !== ''} aria-describedby="name-wrong" onInput={(e) => setName((e.target as HTMLInputElement).value)} /></label><small id="name-wrong" class="is-offline" role="status">{nameWrong}</small></div><label>Group<input value={group} required spellcheck={false} onInput={(e) => setGroup((e.target as HTMLInputElement).value)} /></label></div></fieldset>
      <fieldset><legend>3. Its Wi-Fi (2.4 GHz)</legend><div class="pair"><label>Network<input value={ssid} required maxLength={32} spellcheck={false} autocomplete="off" onInput={(e) => setSsid((e.target as HTMLInputElement).value)} /></label><label>Password<input type="password" value={wifi} maxLength={63} autocomplete="off" placeholder="none for an open network" onInput={(e) => setWifi((e.target as HTMLInputElement).value)} /></label></div>
        <label>The gateway's address, as the board sees it<input value={host} spellcheck={false} placeholder="found by the gateway itself" onInput={(e) => setHost((e.target as HTMLInputElement).value)} /></label></fieldset>
      {failure && <><Failed failure={failure} />{failure.detail.startsWith('there is a device') && <label class="check"><input type="checkbox" checked={replace} onChange={(e) => setReplace((e.target as HTMLInputElement).checked)} /> Give that device a new password</label>}</>}
      <div class="row end"><button class="button primary" disabled={busy || nameWrong !== ''}>{busy ? 'A moment…' : 'Let it in'}</button></div></form> : <Wait made={made} began={began} />}</div>
}
function Wait({ made, began }: { made: Made; began: number }) {
  const n = useStore(now)
  const [row, setRow] = useState<Row | null>(null), [device, setDevice] = useState<Device | null>(null), [refused, setRefused] = useState('')
  const arrived = useRef(0)
  // Neither is there before the board is: that is no failure.
  const { look } = useLook(() => Promise.all([get<Device>(`/devices/${enc(made.name)}`).catch((x: Failure) => { if (x.status === 404) return null; throw x }), get<{ notes: { title: string; text: string; id: string }[] }>('/health')]), ([d, h]) => {
    setRow(d?.row ?? null); setDevice(d)
    setRefused(h.notes.find((x) => x.id.startsWith('not-authorized') && x.text.includes(`'${made.name}'`))?.text ?? '')
    if (d && arrived.current === 0 && d.row.heard >= began && d.row.readings.length > 0) arrived.current = window.setTimeout(() => go(`/devices/${enc(made.name)}`), 1500)
  }, [made.name])
  // Whoever has gone to another page meanwhile stays there.
  useEffect(() => { const timer = setInterval(() => { if (!document.hidden) void look() }, 1000); return () => { clearInterval(timer); clearTimeout(arrived.current) } }, [])
  const visit = device?.visits.find((v) => v.from >= began - 1000)
  const born = row !== null && row.firmware !== '' && row.heard >= began
  const read = row !== null && row.heard >= began && row.readings.length > 0
  const step = (done: boolean, text: preact.ComponentChildren, t?: number) => <li class={done ? 'ok' : 'pending'}>{done ? <Icon name="check" size={16} /> : <span class="spinner" />}<span class="grow">{text}</span><small>{t ? clock(t) : done ? '' : span(n - began)}</small></li>
  const download = () => { const a = document.createElement('a'); a.href = URL.createObjectURL(new Blob([made.settings], { type: 'application/json' })); a.download = made.fileName; a.click(); URL.revokeObjectURL(a.href) }
  return <>{made.warning && <div class="notice warn" role="status"><Icon name="warn" /><div><b>It cannot connect yet.</b> {safeLine(made.warning, 300)}</div></div>}<section class="card pad stack"><h2>Flash it</h2><p>Connect the board to this machine by USB, and run in the folder of the project:</p><pre class="code break">{made.command}</pre><div class="row wrap"><CopyButton text={made.command}>Copy the command</CopyButton><Button onClick={download}>Download its settings</Button></div><p class="muted small">The settings have passwords in them. They are also on the gateway's machine, readable by its user alone.</p></section>
    <section class="card pad"><h2>Waiting for {safeLine(made.name, 40)}</h2><ol class="timeline" aria-live="polite">{step(true, <>May connect as <code>{safeLine(made.clientId, 80)}</code></>, began)}{step(visit !== undefined || born, visit ? <>Connected from {visit.address}</> : 'The board connects', visit?.from)}{step(born, 'It told its birth')}{step(read, 'First reading')}</ol>
      {refused && <div class="notice bad"><Icon name="warn" /><div><b>It was refused.</b> {safeLine(refused, 200)}</div></div>}
      {!visit && !born && n - began > 60_000 && <div class="notice warn"><Icon name="warn" /><div><b>No board seen since {when(began, n)}.</b> Is the Wi-Fi 2.4 GHz, and its password right? Can it reach this machine?<div class="todo">The board's serial line says what it tries.</div></div></div>}</section></>
}
/** A drawing, so that one knows the board in the drawer: chip, antenna, USB and pins in their places. */
function BoardPicture({ kind }: { kind: string }) {
  const pins = kind === 'esp32-devkitc' ? 19 : kind === 'huzzah32' ? 14 : 15
  return <svg viewBox="0 0 160 84" class="board-picture" aria-hidden="true"><rect x="6" y="8" width="148" height="68" rx="5" class="pcb" />{Array.from({ length: pins }, (_, i) => <g key={i}><circle cx={14 + i * (132 / (pins - 1))} cy="14" r="2.2" class="pin" /><circle cx={14 + i * (132 / (pins - 1))} cy="70" r="2.2" class="pin" /></g>)}
    <rect x="18" y="22" width={kind === 'esp32-c3-devkitm' ? 38 : 54} height="40" rx="2" class="die" /><path d="M20 27h14v6H22v6h12v6H22v6h12" class="antenna" />{kind === 'huzzah32' && <rect x="100" y="22" width="22" height="16" rx="2" class="die" />}<rect x="138" y="32" width="18" height="20" rx="2" class="usb" /><rect x="84" y="46" width="12" height="12" rx="1" class="die" /></svg>
}
