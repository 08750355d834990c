using System;
using System.Device.I2c;
using nanoFramework.Hardware.Esp32;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// The first I2C bus. A transfer on a bus that hangs takes the driver a second, in which nothing else runs; after one, the bus rests, so
    /// that the parts on it cost the device loop one second in ten and not one each.
    /// </summary>
    internal sealed class I2cBus
    {
        private const int BusId = 1;

        // Shorter than DeviceLimits.SensorRetryMs, so that each retry gets its one transfer.
        private const int RestMs = 8_000;

        private long _restsUntilMs;

        internal I2cBus(BoardPin data, BoardPin clock)
        {
            Configuration.SetPinFunction(data.Gpio, DeviceFunction.I2C1_DATA);
            Configuration.SetPinFunction(clock.Gpio, DeviceFunction.I2C1_CLOCK);
        }

        /// <summary>True for a while after the bus hung: nobody is to touch it.</summary>
        internal bool IsResting => Environment.TickCount64 < _restsUntilMs;

        /// <summary>A part on the bus.</summary>
        /// <param name="address">Seven-bit address.</param>
        internal I2cPart Part(int address)
        {
            return new I2cPart(this, address);
        }

        internal static I2cDevice Open(int address)
        {
            // 100 kHz: the wires of a maker are long, and a reading has 8 bytes.
            return I2cDevice.Create(new I2cConnectionSettings(BusId, address, I2cBusSpeed.StandardMode));
        }

        internal SensorError Judge(I2cTransferStatus status)
        {
            switch (status)
            {
                case I2cTransferStatus.FullTransfer:
                    return SensorError.None;
                case I2cTransferStatus.SlaveAddressNotAcknowledged:
                    return SensorError.NotFound;
                case I2cTransferStatus.ClockStretchTimeout:
                    _restsUntilMs = Environment.TickCount64 + RestMs;
                    return SensorError.CommunicationFailed;
                default:
                    return SensorError.CommunicationFailed;
            }
        }
    }
}
