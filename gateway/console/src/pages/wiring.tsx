import { useState } from 'preact/hooks'
import c3Map from '../../../../hardware/boards/esp32-c3-devkitm/pins.json'
import c3Picture from '../../../../hardware/boards/esp32-c3-devkitm/wiring.svg?raw'
import devkitMap from '../../../../hardware/boards/esp32-devkitc/pins.json'
import devkitPicture from '../../../../hardware/boards/esp32-devkitc/wiring.svg?raw'
import huzzahMap from '../../../../hardware/boards/huzzah32/pins.json'
import huzzahPicture from '../../../../hardware/boards/huzzah32/wiring.svg?raw'
import './wiring.css'

type Wire = { pin: string; to: string; color: string; gpio?: number; through?: string }
type Map = { title: string; parts: { name: string; note: string; pins: string[]; bridge?: string }[]; wires: Wire[]; onBoard?: { pin: string; gpio: number; use: string }[] }

/** The boards' own pin maps and drawings, which a test holds against the firmware. */
const BOARDS: Record<string, [Map, string]> = { 'esp32-devkitc': [devkitMap, devkitPicture], 'esp32-c3-devkitm': [c3Map, c3Picture], huzzah32: [huzzahMap, huzzahPicture] }

/** Several pins of one name are told apart by a number that is not printed on the board. */
const printed = (pin: string) => pin.replace(/\.\d+$/, '')

/** How the parts of a board are wired: a picture, and the same in words. */
export function Wiring({ board }: { board: string }) {
  const [isOpen, setOpen] = useState(() => localStorage.getItem('wiring') !== 'closed')
  const [map, picture] = BOARDS[board]
  const toggle = (e: Event) => { const is = (e.target as HTMLDetailsElement).open; setOpen(is); localStorage.setItem('wiring', is ? 'open' : 'closed') }
  return <details class="wiring" open={isOpen} onToggle={toggle}><summary>How its parts are wired: {map.title}</summary>
    <div class="wiring-columns"><div class="wiring-picture" role="img" tabIndex={0} aria-label={`Wiring of ${map.title}. The table has the same in words.`} dangerouslySetInnerHTML={{ __html: picture }} /><p class="wiring-hint muted small">The picture is wider than this window: move it sideways.</p>
      <div><table><caption class="offscreen">Wires of {map.title}</caption><thead><tr><th scope="col">Part</th><th scope="col">Board</th><th scope="col">Wire</th></tr></thead>
        {map.parts.map((part) => <tbody key={part.name}><tr><th scope="rowgroup" colSpan={3}>{part.name} <small>{part.note}{part.bridge && `; ${part.bridge} between ${part.pins[0]} and ${part.pins[1]}`}</small></th></tr>
          {map.wires.filter((w) => w.to.startsWith(part.name + '.')).map((w) => <tr key={w.to + w.pin}><td>{w.to.slice(part.name.length + 1)}</td><td>{printed(w.pin)}</td><td><span class={`wire ${w.color}`} aria-hidden="true" />{w.color}{w.through && <>, {w.through}</>}</td></tr>)}</tbody>)}</table>
        {map.onBoard?.map((own) => <p key={own.pin} class="muted small">{own.pin} (GPIO {own.gpio}): {own.use}</p>)}
        <p class="muted small">The firmware uses these pins. Others are chosen by settings of the board (<code>pin.sda</code> and so on).</p></div></div></details>
}
