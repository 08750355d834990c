using System;
using System.Device.I2c;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// One part on the I2C bus. Every buffer is passed whole and from its beginning: the runtime's driver does not look at where a SpanByte
    /// starts. After a failure the driver is opened anew, which is what frees it from a transfer that was broken off.
    /// </summary>
    internal sealed class I2cPart : II2cDevice
    {
        private readonly I2cBus _bus;
        private readonly int _partAddress;
        private readonly byte[] _read = new byte[1];
        private readonly byte[] _write = new byte[2];
        private I2cDevice? _device;

        internal I2cPart(I2cBus bus, int partAddress)
        {
            _bus = bus;
            _partAddress = partAddress;
        }

        /// <inheritdoc/>
        public SensorError Read(byte address, byte[] values)
        {
            if (_bus.IsResting)
            {
                return SensorError.CommunicationFailed;
            }

            try
            {
                _device = _device ?? I2cBus.Open(_partAddress);
                _read[0] = address;
                return Settle(_bus.Judge(_device.WriteRead(new SpanByte(_read), new SpanByte(values)).Status));
            }
            catch (Exception)
            {
                // The edge of the driver: it throws when the pins are taken or its memory is gone.
                return Settle(SensorError.CommunicationFailed);
            }
        }

        /// <inheritdoc/>
        public SensorError Write(byte address, byte value)
        {
            if (_bus.IsResting)
            {
                return SensorError.CommunicationFailed;
            }

            try
            {
                _device = _device ?? I2cBus.Open(_partAddress);
                _write[0] = address;
                _write[1] = value;
                return Settle(_bus.Judge(_device.Write(new SpanByte(_write)).Status));
            }
            catch (Exception)
            {
                // As above.
                return Settle(SensorError.CommunicationFailed);
            }
        }

        private SensorError Settle(SensorError error)
        {
            if (error != SensorError.None && _device != null)
            {
                _device.Dispose();
                _device = null;
            }

            return error;
        }
    }
}
