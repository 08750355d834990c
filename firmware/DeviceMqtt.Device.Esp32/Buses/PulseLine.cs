using System;
using System.Device.Gpio;
using nanoFramework.Hardware.Esp32.Rmt;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// A wire whose pulses the chip's RMT measures, on two pins that are joined: one pulls down, the other listens. Needs a package that the other
    /// boards do without, so it is part of a device build only with <c>-p:Dht22=true</c>. The package makes an object for each pulse.
    /// </summary>
    internal sealed class PulseLine : IPulseLine
    {
        // 80 MHz divided by 80: one tick is a microsecond.
        private const byte Divider = 80;

        // Longer than any pulse of the parts we know, shorter than a tick of the device loop.
        private const ushort IdleMicroseconds = 5_000;
        private const int TimeoutMs = 20;

        private readonly GpioController _pins;
        private readonly int _listen;
        private readonly int _pull;
        private GpioPin? _pin;
        private ReceiverChannel? _receiver;

        internal PulseLine(GpioController pins, BoardPin listen, BoardPin pull)
        {
            _pins = pins;
            _listen = listen.Gpio;
            _pull = pull.Gpio;
        }

        /// <inheritdoc/>
        public void PullDown()
        {
            _receiver = _receiver ?? Open();
            _pin = _pin ?? _pins.OpenPin(_pull, PinMode.InputPullUp);
            _pin.SetPinMode(PinMode.Output);
            _pin.Write(PinValue.Low);
        }

        /// <inheritdoc/>
        public void Listen()
        {
            _receiver?.Start(true);
            _pin?.SetPinMode(PinMode.InputPullUp);
        }

        /// <inheritdoc/>
        public int Fetch(int[] highMicroseconds)
        {
            int count = 0;
            RmtCommand[]? items = _receiver?.GetAllItems();
            _receiver?.Stop();
            for (int i = 0; items != null && i < items.Length; i++)
            {
                count = Take(highMicroseconds, count, items[i].Level0, items[i].Duration0);
                count = Take(highMicroseconds, count, items[i].Level1, items[i].Duration1);
            }

            return count;
        }

        private static int Take(int[] highs, int count, bool isHigh, int duration)
        {
            // A duration of 0 ends the measuring.
            if (!isHigh || duration == 0 || count == highs.Length)
            {
                return count;
            }

            highs[count] = duration;
            return count + 1;
        }

        private ReceiverChannel Open()
        {
            ReceiverChannelSettings settings = new ReceiverChannelSettings(_listen);
            settings.ClockDivider = Divider;
            settings.EnableFilter = false;
            settings.IdleThreshold = IdleMicroseconds;
            settings.ReceiveTimeout = new TimeSpan(TimeoutMs * TimeSpan.TicksPerMillisecond);
            return new ReceiverChannel(settings);
        }
    }
}
