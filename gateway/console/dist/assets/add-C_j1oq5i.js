import{$ as e,C as t,H as n,K as r,M as i,O as a,P as o,Q as s,U as c,c as l,d as u,et as d,f,i as p,it as m,l as h,m as g,nt as _,rt as v,t as y,tt as b,w as x}from"./index-T_da3R1Z.js";var S={"esp32-devkitc":[{board:`esp32-devkitc`,title:`ESP32-DevKitC V4, BME280, relay, button`,left:[`3V3`,`EN`,`VP`,`VN`,`IO34`,`IO35`,`IO32`,`IO33`,`IO25`,`IO26`,`IO27`,`IO14`,`IO12`,`GND.1`,`IO13`,`D2`,`D3`,`CMD`,`5V`],right:[`GND.2`,`IO23`,`IO22`,`TX`,`RX`,`IO21`,`GND.3`,`IO19`,`IO18`,`IO5`,`IO17`,`IO16`,`IO4`,`IO0`,`IO2`,`IO15`,`D1`,`D0`,`CLK`],parts:[{name:`Button`,side:`left`,pins:[`1`,`2`],note:`push button`},{name:`Relay`,side:`left`,pins:[`IN`,`GND`,`VCC`],note:`module, 5 V, on when high`},{name:`BME280`,side:`right`,pins:[`VIN`,`SCL`,`SDA`,`GND`],note:`module, address 0x76`},{name:`LED`,side:`right`,pins:[`A`,`K`],note:`status lamp`}],wires:[{pin:`IO27`,gpio:27,to:`Button.1`,color:`green`},{pin:`GND.1`,to:`Button.2`,color:`black`},{pin:`IO26`,gpio:26,to:`Relay.IN`,color:`orange`},{pin:`GND.1`,to:`Relay.GND`,color:`black`},{pin:`5V`,to:`Relay.VCC`,color:`red`},{pin:`3V3`,to:`BME280.VIN`,color:`red`},{pin:`IO22`,gpio:22,to:`BME280.SCL`,color:`yellow`},{pin:`IO21`,gpio:21,to:`BME280.SDA`,color:`blue`},{pin:`GND.2`,to:`BME280.GND`,color:`black`},{pin:`IO2`,gpio:2,to:`LED.A`,color:`violet`,through:`330 Ω`},{pin:`GND.3`,to:`LED.K`,color:`black`}]},`<svg xmlns="http://www.w3.org/2000/svg" width="766" height="626" viewBox="0 0 766 626" font-family="Helvetica, Arial, sans-serif">
<!-- Drawn from pins.json by hardware/DeviceMqtt.Wiring; do not edit. -->
<rect width="766" height="626" fill="#ffffff"/>
<text x="383" y="34" text-anchor="middle" font-size="18" fill="#212121" font-weight="bold">ESP32-DevKitC V4, BME280, relay, button</text>
<rect x="271" y="90" width="190" height="512" rx="8" fill="#263238"/>
<circle cx="271" cy="134" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="285" y="138" text-anchor="start" font-size="12" fill="#ffffff" font-weight="bold">3V3</text>
<circle cx="271" cy="158" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="285" y="162" text-anchor="start" font-size="12" fill="#90a4ae">EN</text>
<circle cx="271" cy="182" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="285" y="186" text-anchor="start" font-size="12" fill="#90a4ae">VP</text>
<circle cx="271" cy="206" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="285" y="210" text-anchor="start" font-size="12" fill="#90a4ae">VN</text>
<circle cx="271" cy="230" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="285" y="234" text-anchor="start" font-size="12" fill="#90a4ae">IO34</text>
<circle cx="271" cy="254" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="285" y="258" text-anchor="start" font-size="12" fill="#90a4ae">IO35</text>
<circle cx="271" cy="278" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="285" y="282" text-anchor="start" font-size="12" fill="#90a4ae">IO32</text>
<circle cx="271" cy="302" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="285" y="306" text-anchor="start" font-size="12" fill="#90a4ae">IO33</text>
<circle cx="271" cy="326" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="285" y="330" text-anchor="start" font-size="12" fill="#90a4ae">IO25</text>
<circle cx="271" cy="350" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="285" y="354" text-anchor="start" font-size="12" fill="#ffffff" font-weight="bold">IO26</text>
<circle cx="271" cy="374" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="285" y="378" text-anchor="start" font-size="12" fill="#ffffff" font-weight="bold">IO27</text>
<circle cx="271" cy="398" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="285" y="402" text-anchor="start" font-size="12" fill="#90a4ae">IO14</text>
<circle cx="271" cy="422" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="285" y="426" text-anchor="start" font-size="12" fill="#90a4ae">IO12</text>
<circle cx="271" cy="446" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="285" y="450" text-anchor="start" font-size="12" fill="#ffffff" font-weight="bold">GND</text>
<circle cx="271" cy="470" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="285" y="474" text-anchor="start" font-size="12" fill="#90a4ae">IO13</text>
<circle cx="271" cy="494" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="285" y="498" text-anchor="start" font-size="12" fill="#90a4ae">D2</text>
<circle cx="271" cy="518" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="285" y="522" text-anchor="start" font-size="12" fill="#90a4ae">D3</text>
<circle cx="271" cy="542" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="285" y="546" text-anchor="start" font-size="12" fill="#90a4ae">CMD</text>
<circle cx="271" cy="566" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="285" y="570" text-anchor="start" font-size="12" fill="#ffffff" font-weight="bold">5V</text>
<circle cx="461" cy="134" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="447" y="138" text-anchor="end" font-size="12" fill="#ffffff" font-weight="bold">GND</text>
<circle cx="461" cy="158" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="447" y="162" text-anchor="end" font-size="12" fill="#90a4ae">IO23</text>
<circle cx="461" cy="182" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="447" y="186" text-anchor="end" font-size="12" fill="#ffffff" font-weight="bold">IO22</text>
<circle cx="461" cy="206" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="447" y="210" text-anchor="end" font-size="12" fill="#90a4ae">TX</text>
<circle cx="461" cy="230" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="447" y="234" text-anchor="end" font-size="12" fill="#90a4ae">RX</text>
<circle cx="461" cy="254" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="447" y="258" text-anchor="end" font-size="12" fill="#ffffff" font-weight="bold">IO21</text>
<circle cx="461" cy="278" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="447" y="282" text-anchor="end" font-size="12" fill="#ffffff" font-weight="bold">GND</text>
<circle cx="461" cy="302" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="447" y="306" text-anchor="end" font-size="12" fill="#90a4ae">IO19</text>
<circle cx="461" cy="326" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="447" y="330" text-anchor="end" font-size="12" fill="#90a4ae">IO18</text>
<circle cx="461" cy="350" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="447" y="354" text-anchor="end" font-size="12" fill="#90a4ae">IO5</text>
<circle cx="461" cy="374" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="447" y="378" text-anchor="end" font-size="12" fill="#90a4ae">IO17</text>
<circle cx="461" cy="398" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="447" y="402" text-anchor="end" font-size="12" fill="#90a4ae">IO16</text>
<circle cx="461" cy="422" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="447" y="426" text-anchor="end" font-size="12" fill="#90a4ae">IO4</text>
<circle cx="461" cy="446" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="447" y="450" text-anchor="end" font-size="12" fill="#90a4ae">IO0</text>
<circle cx="461" cy="470" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="447" y="474" text-anchor="end" font-size="12" fill="#ffffff" font-weight="bold">IO2</text>
<circle cx="461" cy="494" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="447" y="498" text-anchor="end" font-size="12" fill="#90a4ae">IO15</text>
<circle cx="461" cy="518" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="447" y="522" text-anchor="end" font-size="12" fill="#90a4ae">D1</text>
<circle cx="461" cy="542" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="447" y="546" text-anchor="end" font-size="12" fill="#90a4ae">D0</text>
<circle cx="461" cy="566" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="447" y="570" text-anchor="end" font-size="12" fill="#90a4ae">CLK</text>
<rect x="24" y="102" width="156" height="86" rx="6" fill="#eceff1" stroke="#546e7a"/>
<text x="102" y="118" text-anchor="middle" font-size="13" fill="#212121" font-weight="bold">Button</text>
<text x="102" y="132" text-anchor="middle" font-size="10" fill="#546e7a">push button</text>
<text x="168" y="150" text-anchor="end" font-size="12" fill="#212121">1</text>
<text x="168" y="174" text-anchor="end" font-size="12" fill="#212121">2</text>
<rect x="24" y="222" width="156" height="110" rx="6" fill="#eceff1" stroke="#546e7a"/>
<text x="102" y="238" text-anchor="middle" font-size="13" fill="#212121" font-weight="bold">Relay</text>
<text x="102" y="252" text-anchor="middle" font-size="10" fill="#546e7a">module, 5 V, on when high</text>
<text x="168" y="270" text-anchor="end" font-size="12" fill="#212121">IN</text>
<text x="168" y="294" text-anchor="end" font-size="12" fill="#212121">GND</text>
<text x="168" y="318" text-anchor="end" font-size="12" fill="#212121">VCC</text>
<rect x="586" y="102" width="156" height="134" rx="6" fill="#eceff1" stroke="#546e7a"/>
<text x="664" y="118" text-anchor="middle" font-size="13" fill="#212121" font-weight="bold">BME280</text>
<text x="664" y="132" text-anchor="middle" font-size="10" fill="#546e7a">module, address 0x76</text>
<text x="598" y="150" text-anchor="start" font-size="12" fill="#212121">VIN</text>
<text x="598" y="174" text-anchor="start" font-size="12" fill="#212121">SCL</text>
<text x="598" y="198" text-anchor="start" font-size="12" fill="#212121">SDA</text>
<text x="598" y="222" text-anchor="start" font-size="12" fill="#212121">GND</text>
<rect x="586" y="270" width="156" height="86" rx="6" fill="#eceff1" stroke="#546e7a"/>
<text x="664" y="286" text-anchor="middle" font-size="13" fill="#212121" font-weight="bold">LED</text>
<text x="664" y="300" text-anchor="middle" font-size="10" fill="#546e7a">status lamp</text>
<text x="598" y="318" text-anchor="start" font-size="12" fill="#212121">A</text>
<text x="598" y="342" text-anchor="start" font-size="12" fill="#212121">K</text>
<polyline points="271,134 258,134 258,77 474,77 474,146 586,146" fill="none" stroke="#d32f2f" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="586" cy="146" r="4" fill="#d32f2f"/>
<polyline points="271,374 245,374 245,146 180,146" fill="none" stroke="#2e7d32" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="180" cy="146" r="4" fill="#2e7d32"/>
<polyline points="461,182 487,182 487,170 586,170" fill="none" stroke="#e6a100" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="586" cy="170" r="4" fill="#e6a100"/>
<polyline points="271,446 232,446 232,170 180,170" fill="none" stroke="#212121" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="180" cy="170" r="4" fill="#212121"/>
<polyline points="461,254 500,254 500,194 586,194" fill="none" stroke="#1565c0" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="586" cy="194" r="4" fill="#1565c0"/>
<polyline points="461,134 513,134 513,218 586,218" fill="none" stroke="#212121" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="586" cy="218" r="4" fill="#212121"/>
<polyline points="271,350 219,350 219,266 180,266" fill="none" stroke="#ef6c00" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="180" cy="266" r="4" fill="#ef6c00"/>
<polyline points="271,446 206,446 206,290 180,290" fill="none" stroke="#212121" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="180" cy="290" r="4" fill="#212121"/>
<polyline points="461,470 526,470 526,314 586,314" fill="none" stroke="#7b1fa2" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="586" cy="314" r="4" fill="#7b1fa2"/>
<rect x="560" y="309" width="22" height="10" fill="#ffffff" stroke="#546e7a"/>
<text x="571" y="305" text-anchor="middle" font-size="11" fill="#212121">330 Ω</text>
<polyline points="271,566 193,566 193,314 180,314" fill="none" stroke="#d32f2f" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="180" cy="314" r="4" fill="#d32f2f"/>
<polyline points="461,278 539,278 539,338 586,338" fill="none" stroke="#212121" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="586" cy="338" r="4" fill="#212121"/>
</svg>
`],"esp32-c3-devkitm":[{board:`esp32-c3-devkitm`,title:`ESP32-C3-DevKitM-1, DS18B20`,left:[`GND.1`,`3V3.1`,`3V3.2`,`IO2`,`IO3`,`GND.2`,`RST`,`GND.3`,`IO0`,`IO1`,`IO10`,`GND.4`,`5V.1`,`5V.2`,`GND.5`],right:[`GND.6`,`TX`,`RX`,`GND.7`,`IO9`,`IO8`,`GND.8`,`IO7`,`IO6`,`IO5`,`IO4`,`GND.9`,`IO18`,`IO19`,`GND.10`],parts:[{name:`LED`,side:`left`,pins:[`A`,`K`],note:`status lamp`},{name:`DS18B20`,side:`right`,pins:[`VDD`,`DQ`,`GND`],note:`probe, three wires`,bridge:`4.7 kΩ`}],wires:[{pin:`3V3.1`,to:`LED.A`,color:`red`,through:`1 kΩ`},{pin:`IO2`,gpio:2,to:`LED.K`,color:`violet`},{pin:`3V3.2`,to:`DS18B20.VDD`,color:`red`},{pin:`IO4`,gpio:4,to:`DS18B20.DQ`,color:`yellow`},{pin:`IO5`,gpio:5,to:`DS18B20.DQ`,color:`yellow`},{pin:`GND.9`,to:`DS18B20.GND`,color:`black`}]},`<svg xmlns="http://www.w3.org/2000/svg" width="701" height="530" viewBox="0 0 701 530" font-family="Helvetica, Arial, sans-serif">
<!-- Drawn from pins.json by hardware/DeviceMqtt.Wiring; do not edit. -->
<rect width="701" height="530" fill="#ffffff"/>
<text x="350" y="34" text-anchor="middle" font-size="18" fill="#212121" font-weight="bold">ESP32-C3-DevKitM-1, DS18B20</text>
<rect x="266" y="90" width="190" height="416" rx="8" fill="#263238"/>
<circle cx="266" cy="134" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="280" y="138" text-anchor="start" font-size="12" fill="#90a4ae">GND</text>
<circle cx="266" cy="158" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="280" y="162" text-anchor="start" font-size="12" fill="#ffffff" font-weight="bold">3V3</text>
<circle cx="266" cy="182" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="280" y="186" text-anchor="start" font-size="12" fill="#ffffff" font-weight="bold">3V3</text>
<circle cx="266" cy="206" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="280" y="210" text-anchor="start" font-size="12" fill="#ffffff" font-weight="bold">IO2</text>
<circle cx="266" cy="230" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="280" y="234" text-anchor="start" font-size="12" fill="#90a4ae">IO3</text>
<circle cx="266" cy="254" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="280" y="258" text-anchor="start" font-size="12" fill="#90a4ae">GND</text>
<circle cx="266" cy="278" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="280" y="282" text-anchor="start" font-size="12" fill="#90a4ae">RST</text>
<circle cx="266" cy="302" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="280" y="306" text-anchor="start" font-size="12" fill="#90a4ae">GND</text>
<circle cx="266" cy="326" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="280" y="330" text-anchor="start" font-size="12" fill="#90a4ae">IO0</text>
<circle cx="266" cy="350" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="280" y="354" text-anchor="start" font-size="12" fill="#90a4ae">IO1</text>
<circle cx="266" cy="374" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="280" y="378" text-anchor="start" font-size="12" fill="#90a4ae">IO10</text>
<circle cx="266" cy="398" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="280" y="402" text-anchor="start" font-size="12" fill="#90a4ae">GND</text>
<circle cx="266" cy="422" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="280" y="426" text-anchor="start" font-size="12" fill="#90a4ae">5V</text>
<circle cx="266" cy="446" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="280" y="450" text-anchor="start" font-size="12" fill="#90a4ae">5V</text>
<circle cx="266" cy="470" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="280" y="474" text-anchor="start" font-size="12" fill="#90a4ae">GND</text>
<circle cx="456" cy="134" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="442" y="138" text-anchor="end" font-size="12" fill="#90a4ae">GND</text>
<circle cx="456" cy="158" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="442" y="162" text-anchor="end" font-size="12" fill="#90a4ae">TX</text>
<circle cx="456" cy="182" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="442" y="186" text-anchor="end" font-size="12" fill="#90a4ae">RX</text>
<circle cx="456" cy="206" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="442" y="210" text-anchor="end" font-size="12" fill="#90a4ae">GND</text>
<circle cx="456" cy="230" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="442" y="234" text-anchor="end" font-size="12" fill="#90a4ae">IO9</text>
<circle cx="456" cy="254" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="442" y="258" text-anchor="end" font-size="12" fill="#90a4ae">IO8</text>
<circle cx="456" cy="278" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="442" y="282" text-anchor="end" font-size="12" fill="#90a4ae">GND</text>
<circle cx="456" cy="302" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="442" y="306" text-anchor="end" font-size="12" fill="#90a4ae">IO7</text>
<circle cx="456" cy="326" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="442" y="330" text-anchor="end" font-size="12" fill="#90a4ae">IO6</text>
<circle cx="456" cy="350" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="442" y="354" text-anchor="end" font-size="12" fill="#ffffff" font-weight="bold">IO5</text>
<circle cx="456" cy="374" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="442" y="378" text-anchor="end" font-size="12" fill="#ffffff" font-weight="bold">IO4</text>
<circle cx="456" cy="398" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="442" y="402" text-anchor="end" font-size="12" fill="#ffffff" font-weight="bold">GND</text>
<circle cx="456" cy="422" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="442" y="426" text-anchor="end" font-size="12" fill="#90a4ae">IO18</text>
<circle cx="456" cy="446" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="442" y="450" text-anchor="end" font-size="12" fill="#90a4ae">IO19</text>
<circle cx="456" cy="470" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="442" y="474" text-anchor="end" font-size="12" fill="#90a4ae">GND</text>
<rect x="24" y="102" width="156" height="86" rx="6" fill="#eceff1" stroke="#546e7a"/>
<text x="102" y="118" text-anchor="middle" font-size="13" fill="#212121" font-weight="bold">LED</text>
<text x="102" y="132" text-anchor="middle" font-size="10" fill="#546e7a">status lamp</text>
<text x="168" y="150" text-anchor="end" font-size="12" fill="#212121">A</text>
<text x="168" y="174" text-anchor="end" font-size="12" fill="#212121">K</text>
<rect x="521" y="102" width="156" height="110" rx="6" fill="#eceff1" stroke="#546e7a"/>
<text x="599" y="118" text-anchor="middle" font-size="13" fill="#212121" font-weight="bold">DS18B20</text>
<text x="599" y="132" text-anchor="middle" font-size="10" fill="#546e7a">probe, three wires</text>
<text x="533" y="150" text-anchor="start" font-size="12" fill="#212121">VDD</text>
<text x="533" y="174" text-anchor="start" font-size="12" fill="#212121">DQ</text>
<text x="533" y="198" text-anchor="start" font-size="12" fill="#212121">GND</text>
<polyline points="567,146 579,146 579,170 567,170" fill="none" stroke="#546e7a"/>
<rect x="575" y="150" width="8" height="16" fill="#ffffff" stroke="#546e7a"/>
<text x="587" y="162" text-anchor="start" font-size="11" fill="#212121">4.7 kΩ</text>
<polyline points="266,158 253,158 253,146 180,146" fill="none" stroke="#d32f2f" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="180" cy="146" r="4" fill="#d32f2f"/>
<rect x="184" y="141" width="22" height="10" fill="#ffffff" stroke="#546e7a"/>
<text x="195" y="137" text-anchor="middle" font-size="11" fill="#212121">1 kΩ</text>
<polyline points="266,182 240,182 240,77 469,77 469,146 521,146" fill="none" stroke="#d32f2f" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="521" cy="146" r="4" fill="#d32f2f"/>
<polyline points="266,206 227,206 227,170 180,170" fill="none" stroke="#7b1fa2" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="180" cy="170" r="4" fill="#7b1fa2"/>
<polyline points="456,350 482,350 482,170 521,170" fill="none" stroke="#e6a100" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="521" cy="170" r="4" fill="#e6a100"/>
<polyline points="456,374 495,374 495,170 521,170" fill="none" stroke="#e6a100" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="521" cy="170" r="4" fill="#e6a100"/>
<polyline points="456,398 508,398 508,194 521,194" fill="none" stroke="#212121" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="521" cy="194" r="4" fill="#212121"/>
</svg>
`],huzzah32:[{board:`huzzah32`,title:`Adafruit HUZZAH32 on a battery, BME280, soil probe`,left:[`RST`,`3V`,`NC`,`GND`,`A0`,`A1`,`A2`,`A3`,`A4`,`A5`,`SCK`,`MO`,`MI`,`RX`,`TX`,`21`],right:[``,``,``,``,`BAT`,`EN`,`USB`,`13`,`12`,`27`,`33`,`15`,`32`,`14`,`SCL`,`SDA`],parts:[{name:`Soil`,side:`left`,pins:[`VCC`,`GND`,`AOUT`],note:`capacitive probe`},{name:`BME280`,side:`right`,pins:[`VIN`,`GND`,`SCL`,`SDA`],note:`module, address 0x76`}],wires:[{pin:`3V`,to:`Soil.VCC`,color:`red`},{pin:`GND`,to:`Soil.GND`,color:`black`},{pin:`A2`,gpio:34,to:`Soil.AOUT`,color:`green`},{pin:`3V`,to:`BME280.VIN`,color:`red`},{pin:`GND`,to:`BME280.GND`,color:`black`},{pin:`SCL`,gpio:22,to:`BME280.SCL`,color:`yellow`},{pin:`SDA`,gpio:23,to:`BME280.SDA`,color:`blue`}],onBoard:[{pin:`A13`,gpio:35,use:`on board: battery`},{pin:`13`,gpio:13,use:`on board: red LED`}]},`<svg xmlns="http://www.w3.org/2000/svg" width="693" height="613" viewBox="0 0 693 613" font-family="Helvetica, Arial, sans-serif">
<!-- Drawn from pins.json by hardware/DeviceMqtt.Wiring; do not edit. -->
<rect width="693" height="613" fill="#ffffff"/>
<text x="346" y="34" text-anchor="middle" font-size="18" fill="#212121" font-weight="bold">Adafruit HUZZAH32 on a battery, BME280, soil probe</text>
<rect x="258" y="103" width="190" height="440" rx="8" fill="#263238"/>
<circle cx="258" cy="147" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="272" y="151" text-anchor="start" font-size="12" fill="#90a4ae">RST</text>
<circle cx="258" cy="171" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="272" y="175" text-anchor="start" font-size="12" fill="#ffffff" font-weight="bold">3V</text>
<circle cx="258" cy="195" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="272" y="199" text-anchor="start" font-size="12" fill="#90a4ae">NC</text>
<circle cx="258" cy="219" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="272" y="223" text-anchor="start" font-size="12" fill="#ffffff" font-weight="bold">GND</text>
<circle cx="258" cy="243" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="272" y="247" text-anchor="start" font-size="12" fill="#90a4ae">A0</text>
<circle cx="258" cy="267" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="272" y="271" text-anchor="start" font-size="12" fill="#90a4ae">A1</text>
<circle cx="258" cy="291" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="272" y="295" text-anchor="start" font-size="12" fill="#ffffff" font-weight="bold">A2</text>
<circle cx="258" cy="315" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="272" y="319" text-anchor="start" font-size="12" fill="#90a4ae">A3</text>
<circle cx="258" cy="339" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="272" y="343" text-anchor="start" font-size="12" fill="#90a4ae">A4</text>
<circle cx="258" cy="363" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="272" y="367" text-anchor="start" font-size="12" fill="#90a4ae">A5</text>
<circle cx="258" cy="387" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="272" y="391" text-anchor="start" font-size="12" fill="#90a4ae">SCK</text>
<circle cx="258" cy="411" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="272" y="415" text-anchor="start" font-size="12" fill="#90a4ae">MO</text>
<circle cx="258" cy="435" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="272" y="439" text-anchor="start" font-size="12" fill="#90a4ae">MI</text>
<circle cx="258" cy="459" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="272" y="463" text-anchor="start" font-size="12" fill="#90a4ae">RX</text>
<circle cx="258" cy="483" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="272" y="487" text-anchor="start" font-size="12" fill="#90a4ae">TX</text>
<circle cx="258" cy="507" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="272" y="511" text-anchor="start" font-size="12" fill="#90a4ae">21</text>
<circle cx="448" cy="243" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="434" y="247" text-anchor="end" font-size="12" fill="#90a4ae">BAT</text>
<circle cx="448" cy="267" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="434" y="271" text-anchor="end" font-size="12" fill="#90a4ae">EN</text>
<circle cx="448" cy="291" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="434" y="295" text-anchor="end" font-size="12" fill="#90a4ae">USB</text>
<circle cx="448" cy="315" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="434" y="319" text-anchor="end" font-size="12" fill="#90a4ae">13</text>
<circle cx="448" cy="339" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="434" y="343" text-anchor="end" font-size="12" fill="#90a4ae">12</text>
<circle cx="448" cy="363" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="434" y="367" text-anchor="end" font-size="12" fill="#90a4ae">27</text>
<circle cx="448" cy="387" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="434" y="391" text-anchor="end" font-size="12" fill="#90a4ae">33</text>
<circle cx="448" cy="411" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="434" y="415" text-anchor="end" font-size="12" fill="#90a4ae">15</text>
<circle cx="448" cy="435" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="434" y="439" text-anchor="end" font-size="12" fill="#90a4ae">32</text>
<circle cx="448" cy="459" r="5" fill="#90a4ae" stroke="#212121"/>
<text x="434" y="463" text-anchor="end" font-size="12" fill="#90a4ae">14</text>
<circle cx="448" cy="483" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="434" y="487" text-anchor="end" font-size="12" fill="#ffffff" font-weight="bold">SCL</text>
<circle cx="448" cy="507" r="5" fill="#ffd54f" stroke="#212121"/>
<text x="434" y="511" text-anchor="end" font-size="12" fill="#ffffff" font-weight="bold">SDA</text>
<rect x="24" y="115" width="156" height="110" rx="6" fill="#eceff1" stroke="#546e7a"/>
<text x="102" y="131" text-anchor="middle" font-size="13" fill="#212121" font-weight="bold">Soil</text>
<text x="102" y="145" text-anchor="middle" font-size="10" fill="#546e7a">capacitive probe</text>
<text x="168" y="163" text-anchor="end" font-size="12" fill="#212121">VCC</text>
<text x="168" y="187" text-anchor="end" font-size="12" fill="#212121">GND</text>
<text x="168" y="211" text-anchor="end" font-size="12" fill="#212121">AOUT</text>
<rect x="513" y="115" width="156" height="134" rx="6" fill="#eceff1" stroke="#546e7a"/>
<text x="591" y="131" text-anchor="middle" font-size="13" fill="#212121" font-weight="bold">BME280</text>
<text x="591" y="145" text-anchor="middle" font-size="10" fill="#546e7a">module, address 0x76</text>
<text x="525" y="163" text-anchor="start" font-size="12" fill="#212121">VIN</text>
<text x="525" y="187" text-anchor="start" font-size="12" fill="#212121">GND</text>
<text x="525" y="211" text-anchor="start" font-size="12" fill="#212121">SCL</text>
<text x="525" y="235" text-anchor="start" font-size="12" fill="#212121">SDA</text>
<polyline points="258,171 245,171 245,159 180,159" fill="none" stroke="#d32f2f" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="180" cy="159" r="4" fill="#d32f2f"/>
<polyline points="258,171 232,171 232,90 461,90 461,159 513,159" fill="none" stroke="#d32f2f" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="513" cy="159" r="4" fill="#d32f2f"/>
<polyline points="258,219 219,219 219,183 180,183" fill="none" stroke="#212121" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="180" cy="183" r="4" fill="#212121"/>
<polyline points="258,219 206,219 206,77 474,77 474,183 513,183" fill="none" stroke="#212121" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="513" cy="183" r="4" fill="#212121"/>
<polyline points="258,291 193,291 193,207 180,207" fill="none" stroke="#2e7d32" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="180" cy="207" r="4" fill="#2e7d32"/>
<polyline points="448,483 487,483 487,207 513,207" fill="none" stroke="#e6a100" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="513" cy="207" r="4" fill="#e6a100"/>
<polyline points="448,507 500,507 500,231 513,231" fill="none" stroke="#1565c0" stroke-width="2.5" stroke-linejoin="round"/>
<circle cx="513" cy="231" r="4" fill="#1565c0"/>
<text x="346" y="601" text-anchor="middle" font-size="12" fill="#424242">A13 (GPIO 35) on board: battery</text>
<text x="346" y="583" text-anchor="middle" font-size="12" fill="#424242">13 (GPIO 13) on board: red LED</text>
</svg>
`]},C=e=>e.replace(/\.\d+$/,``);function w({board:e}){let[n,r]=v(()=>localStorage.getItem(`wiring`)!==`closed`),[i,a]=S[e];return t(`details`,{class:`wiring`,open:n,onToggle:e=>{let t=e.target.open;r(t),localStorage.setItem(`wiring`,t?`open`:`closed`)},children:[t(`summary`,{children:[`How its parts are wired: `,i.title]}),t(`div`,{class:`wiring-columns`,children:[t(`div`,{class:`wiring-picture`,role:`img`,tabIndex:0,"aria-label":`Wiring of ${i.title}. The table has the same in words.`,dangerouslySetInnerHTML:{__html:a}}),t(`p`,{class:`wiring-hint muted small`,children:`The picture is wider than this window: move it sideways.`}),t(`div`,{children:[t(`table`,{children:[t(`caption`,{class:`offscreen`,children:[`Wires of `,i.title]}),t(`thead`,{children:t(`tr`,{children:[t(`th`,{scope:`col`,children:`Part`}),t(`th`,{scope:`col`,children:`Board`}),t(`th`,{scope:`col`,children:`Wire`})]})}),i.parts.map(e=>t(`tbody`,{children:[t(`tr`,{children:t(`th`,{scope:`rowgroup`,colSpan:3,children:[e.name,` `,t(`small`,{children:[e.note,e.bridge&&`; ${e.bridge} between ${e.pins[0]} and ${e.pins[1]}`]})]})}),i.wires.filter(t=>t.to.startsWith(e.name+`.`)).map(n=>t(`tr`,{children:[t(`td`,{children:n.to.slice(e.name.length+1)}),t(`td`,{children:C(n.pin)}),t(`td`,{children:[t(`span`,{class:`wire ${n.color}`,"aria-hidden":`true`}),n.color,n.through&&t(m,{children:[`, `,n.through]})]})]},n.to+n.pin))]},e.name))]}),i.onBoard?.map(e=>t(`p`,{class:`muted small`,children:[e.pin,` (GPIO `,e.gpio,`): `,e.use]},e.pin)),t(`p`,{class:`muted small`,children:[`The firmware uses these pins. Others are chosen by settings of the board (`,t(`code`,{children:`pin.sda`}),` and so on).`]})]})]})]})}var T=[[`esp32-devkitc`,`ESP32-DevKitC`,`ESP32, the common board with 38 pins`],[`esp32-c3-devkitm`,`ESP32-C3-DevKitM`,`ESP32-C3, small, USB`],[`huzzah32`,`HUZZAH32 Feather`,`ESP32, with a socket for a battery`]];function E(){let[e,n]=v(`esp32-devkitc`),[r,i]=v(``),[o,s]=v(`home`),[c,l]=v(``),[p,h]=v(``),[g,_]=v(location.hostname===`localhost`||location.hostname.startsWith(`127.`)?``:location.hostname),[b,S]=v(null),[C,E]=v(0),[k,A]=v(null),[j,M]=v(!1),[N,P]=v(!1),F=r!==``&&(/[/+#]/.test(r)||r.startsWith(`$`)||/[\u0000-\u001f]/.test(r))?`One word, without / + # and $ in front`:new TextEncoder().encode(r).length>40?`Shorter, please`:``;return y()?t(`div`,{class:`page add-page`,children:[t(`nav`,{class:`crumbs`,children:t(`a`,{href:`/devices`,onClick:e=>{e.preventDefault(),x(`/devices`)},children:`Devices`})}),t(`header`,{class:`head`,children:t(`h1`,{children:`Add a device`})}),b?t(D,{made:b,began:C}):t(`form`,{class:`card pad stack`,onSubmit:async t=>{t.preventDefault(),A(null),M(!0);try{S(await d(`/provision`,{name:r,board:e,group:o,ssid:c,wifiPassword:p||void 0,host:g||void 0,replace:N})),E(a.value)}catch(e){A(e)}M(!1)},children:[t(`fieldset`,{children:[t(`legend`,{children:`1. Which board`}),t(`div`,{class:`boards`,children:T.map(([r,i,a])=>t(`label`,{class:`board ${e===r?`chosen`:``}`,children:[t(`input`,{type:`radio`,name:`board`,value:r,checked:e===r,onChange:()=>n(r)}),t(O,{kind:r}),t(`b`,{children:i}),t(`small`,{children:a})]},r))}),t(w,{board:e})]}),t(`fieldset`,{children:[t(`legend`,{children:`2. What it is called`}),t(`div`,{class:`pair`,children:[t(`div`,{children:[t(`label`,{children:[`Name`,t(`input`,{value:r,required:!0,spellcheck:!1,autocomplete:`off`,placeholder:`kitchen`,"aria-invalid":F!==``,"aria-describedby":`name-wrong`,onInput:e=>i(e.target.value)})]}),t(`small`,{id:`name-wrong`,class:`is-offline`,role:`status`,children:F})]}),t(`label`,{children:[`Group`,t(`input`,{value:o,required:!0,spellcheck:!1,onInput:e=>s(e.target.value)})]})]})]}),t(`fieldset`,{children:[t(`legend`,{children:`3. Its Wi-Fi (2.4 GHz)`}),t(`div`,{class:`pair`,children:[t(`label`,{children:[`Network`,t(`input`,{value:c,required:!0,maxLength:32,spellcheck:!1,autocomplete:`off`,onInput:e=>l(e.target.value)})]}),t(`label`,{children:[`Password`,t(`input`,{type:`password`,value:p,maxLength:63,autocomplete:`off`,placeholder:`none for an open network`,onInput:e=>h(e.target.value)})]})]}),t(`label`,{children:[`The gateway's address, as the board sees it`,t(`input`,{value:g,spellcheck:!1,placeholder:`found by the gateway itself`,onInput:e=>_(e.target.value)})]})]}),k&&t(m,{children:[t(f,{failure:k}),k.detail.startsWith(`there is a device`)&&t(`label`,{class:`check`,children:[t(`input`,{type:`checkbox`,checked:N,onChange:e=>P(e.target.checked)}),` Give that device a new password`]})]}),t(`div`,{class:`row end`,children:t(`button`,{class:`button primary`,disabled:j||F!==``,children:j?`A moment…`:`Let it in`})})]})]}):t(`div`,{class:`page`,children:t(u,{icon:`devices`,title:`Adding a device needs role operator`,children:t(`p`,{children:`Ask an operator.`})})})}function D({made:u,began:d}){let f=i(a),[y,S]=v(null),[C,w]=v(null),[T,E]=v(``),D=_(0),{look:O}=p(()=>Promise.all([e(`/devices/${s(u.name)}`).catch(e=>{if(e.status===404)return null;throw e}),e(`/health`)]),([e,t])=>{S(e?.row??null),w(e),E(t.notes.find(e=>e.id.startsWith(`not-authorized`)&&e.text.includes(`'${u.name}'`))?.text??``),e&&D.current===0&&e.row.heard>=d&&e.row.readings.length>0&&(D.current=window.setTimeout(()=>x(`/devices/${s(u.name)}`),1500))},[u.name]);b(()=>{let e=setInterval(()=>{document.hidden||O()},1e3);return()=>{clearInterval(e),clearTimeout(D.current)}},[]);let k=C?.visits.find(e=>e.from>=d-1e3),A=y!==null&&y.firmware!==``&&y.heard>=d,j=y!==null&&y.heard>=d&&y.readings.length>0,M=(e,n,r)=>t(`li`,{class:e?`ok`:`pending`,children:[e?t(g,{name:`check`,size:16}):t(`span`,{class:`spinner`}),t(`span`,{class:`grow`,children:n}),t(`small`,{children:r?o(r):e?``:c(f-d)})]});return t(m,{children:[u.warning&&t(`div`,{class:`notice warn`,role:`status`,children:[t(g,{name:`warn`}),t(`div`,{children:[t(`b`,{children:`It cannot connect yet.`}),` `,n(u.warning,300)]})]}),t(`section`,{class:`card pad stack`,children:[t(`h2`,{children:`Flash it`}),t(`p`,{children:`Connect the board to this machine by USB, and run in the folder of the project:`}),t(`pre`,{class:`code break`,children:u.command}),t(`div`,{class:`row wrap`,children:[t(h,{text:u.command,children:`Copy the command`}),t(l,{onClick:()=>{let e=document.createElement(`a`);e.href=URL.createObjectURL(new Blob([u.settings],{type:`application/json`})),e.download=u.fileName,e.click(),URL.revokeObjectURL(e.href)},children:`Download its settings`})]}),t(`p`,{class:`muted small`,children:`The settings have passwords in them. They are also on the gateway's machine, readable by its user alone.`})]}),t(`section`,{class:`card pad`,children:[t(`h2`,{children:[`Waiting for `,n(u.name,40)]}),t(`ol`,{class:`timeline`,"aria-live":`polite`,children:[M(!0,t(m,{children:[`May connect as `,t(`code`,{children:n(u.clientId,80)})]}),d),M(k!==void 0||A,k?t(m,{children:[`Connected from `,k.address]}):`The board connects`,k?.from),M(A,`It told its birth`),M(j,`First reading`)]}),T&&t(`div`,{class:`notice bad`,children:[t(g,{name:`warn`}),t(`div`,{children:[t(`b`,{children:`It was refused.`}),` `,n(T,200)]})]}),!k&&!A&&f-d>6e4&&t(`div`,{class:`notice warn`,children:[t(g,{name:`warn`}),t(`div`,{children:[t(`b`,{children:[`No board seen since `,r(d,f),`.`]}),` Is the Wi-Fi 2.4 GHz, and its password right? Can it reach this machine?`,t(`div`,{class:`todo`,children:`The board's serial line says what it tries.`})]})]})]})]})}function O({kind:e}){let n=e===`esp32-devkitc`?19:e===`huzzah32`?14:15;return t(`svg`,{viewBox:`0 0 160 84`,class:`board-picture`,"aria-hidden":`true`,children:[t(`rect`,{x:`6`,y:`8`,width:`148`,height:`68`,rx:`5`,class:`pcb`}),Array.from({length:n},(e,r)=>t(`g`,{children:[t(`circle`,{cx:14+r*(132/(n-1)),cy:`14`,r:`2.2`,class:`pin`}),t(`circle`,{cx:14+r*(132/(n-1)),cy:`70`,r:`2.2`,class:`pin`})]},r)),t(`rect`,{x:`18`,y:`22`,width:e===`esp32-c3-devkitm`?38:54,height:`40`,rx:`2`,class:`die`}),t(`path`,{d:`M20 27h14v6H22v6h12v6H22v6h12`,class:`antenna`}),e===`huzzah32`&&t(`rect`,{x:`100`,y:`22`,width:`22`,height:`16`,rx:`2`,class:`die`}),t(`rect`,{x:`138`,y:`32`,width:`18`,height:`20`,rx:`2`,class:`usb`}),t(`rect`,{x:`84`,y:`46`,width:`12`,height:`12`,rx:`1`,class:`die`})]})}export{E as Add};