using System;
using System.Device.Adc;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>A channel of the first converter. The second cannot be used beside Wi-Fi.</summary>
    internal sealed class AnalogPin : IAnalogInput
    {
        private readonly AdcController _controller;
        private readonly int _channelNumber;
        private AdcChannel? _channel;

        internal AnalogPin(AdcController controller, int channelNumber)
        {
            _controller = controller;
            _channelNumber = channelNumber;
        }

        /// <inheritdoc/>
        public SensorError Read(out double ratio)
        {
            ratio = 0;
            try
            {
                _channel = _channel ?? _controller.OpenChannel(_channelNumber);
                ratio = (double)_channel.ReadValue() / _controller.MaxValue;
                return SensorError.None;
            }
            catch (Exception)
            {
                // The edge of the driver: a channel that the chip does not have, or a pin that is taken.
                return SensorError.CommunicationFailed;
            }
        }
    }
}
