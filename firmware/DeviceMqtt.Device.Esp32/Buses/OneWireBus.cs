using System;
using nanoFramework.Device.OneWire;
using nanoFramework.Hardware.Esp32;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// The 1-Wire bus. nanoFramework makes it out of a UART whose two pins are joined; there is one bus on a board. The runtime uses UART 2
    /// where the chip has it (ESP32) and UART 1 where not (ESP32-C3): both are given the same pins.
    /// </summary>
    internal sealed class OneWireBus : IOneWireBus
    {
        private readonly BoardPin _receive;
        private readonly BoardPin _transmit;
        private OneWireHost? _host;

        internal OneWireBus(BoardPin receive, BoardPin transmit)
        {
            _receive = receive;
            _transmit = transmit;
        }

        /// <inheritdoc/>
        public bool TryReset()
        {
            return Host().TouchReset();
        }

        /// <inheritdoc/>
        public void Write(byte value)
        {
            Host().WriteByte(value);
        }

        /// <inheritdoc/>
        public byte Read()
        {
            return Host().ReadByte();
        }

        // Opened when it is first used: what the driver throws is then the sensor's failure, and not the board's.
        private OneWireHost Host()
        {
            if (_host == null)
            {
                Configuration.SetPinFunction(_receive.Gpio, DeviceFunction.COM2_RX);
                Configuration.SetPinFunction(_transmit.Gpio, DeviceFunction.COM2_TX);
                MapUart2();
                _host = new OneWireHost();
            }

            return _host;
        }

        private void MapUart2()
        {
            try
            {
                Configuration.SetPinFunction(_receive.Gpio, DeviceFunction.COM3_RX);
                Configuration.SetPinFunction(_transmit.Gpio, DeviceFunction.COM3_TX);
            }
            catch (Exception)
            {
                // A chip without UART 2 says so here. Then it is UART 1 that the runtime uses.
                return;
            }
        }
    }
}
