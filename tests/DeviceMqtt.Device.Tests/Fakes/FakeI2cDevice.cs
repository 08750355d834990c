using System;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>
    /// A part with 256 registers. Each read and write is counted; any of them can be made to fail. Behind a write to its reset register it does not answer
    /// until its start-up time is over, which is in the test's hand (<see cref="Pass"/>).
    /// </summary>
    internal sealed class FakeI2cDevice : II2cDevice
    {
        // BME280: reset register, and the longest start-up time (BST-BME280-DS002, table 1).
        private const byte ResetRegister = 0xE0;
        private const int StartUpMs = 2;

        private int _startsForMs;

        internal byte[] Registers { get; } = new byte[256];

        /// <summary>What every transfer ends with.</summary>
        internal SensorError Error { get; set; }

        internal int Transfers { get; private set; }

        /// <summary>Addresses and values written, one behind the other.</summary>
        internal string Written { get; private set; } = "";

        public SensorError Read(byte address, byte[] values)
        {
            Transfers++;
            if (_startsForMs > 0)
            {
                return SensorError.CommunicationFailed;
            }

            if (Error == SensorError.None)
            {
                Array.Copy(Registers, address, values, 0, values.Length);
            }

            return Error;
        }

        public SensorError Write(byte address, byte value)
        {
            Transfers++;
            if (_startsForMs > 0)
            {
                return SensorError.CommunicationFailed;
            }

            Written = string.Concat(Written, address.ToString("X2"), value.ToString("X2"), " ");
            _startsForMs = address == ResetRegister ? StartUpMs : 0;
            return Error;
        }

        /// <summary>Time passes.</summary>
        internal void Pass(int ms)
        {
            _startsForMs = _startsForMs > ms ? _startsForMs - ms : 0;
        }

        internal void Put(int address, params int[] bytes)
        {
            for (int i = 0; i < bytes.Length; i++)
            {
                Registers[address + i] = (byte)bytes[i];
            }
        }

        /// <summary>A number of 16 bits, low byte first.</summary>
        internal void PutNumber(int address, int number)
        {
            Put(address, number & 0xFF, (number >> 8) & 0xFF);
        }
    }
}
