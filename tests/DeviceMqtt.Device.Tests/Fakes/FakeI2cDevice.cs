using System;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A part with 256 registers. Each read and write is counted; any of them can be made to fail.</summary>
    internal sealed class FakeI2cDevice : II2cDevice
    {
        internal byte[] Registers { get; } = new byte[256];

        /// <summary>What every transfer ends with.</summary>
        internal SensorError Error { get; set; }

        internal int Transfers { get; private set; }

        /// <summary>Addresses and values written, one behind the other.</summary>
        internal string Written { get; private set; } = "";

        public SensorError Read(byte address, byte[] values)
        {
            Transfers++;
            if (Error == SensorError.None)
            {
                Array.Copy(Registers, address, values, 0, values.Length);
            }

            return Error;
        }

        public SensorError Write(byte address, byte value)
        {
            Transfers++;
            Written = string.Concat(Written, address.ToString("X2"), value.ToString("X2"), " ");
            return Error;
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
