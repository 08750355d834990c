using System;
using System.Device.Gpio;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>A button or contact to ground. Its edges, debounced, are events of the board.</summary>
    internal sealed class InputPin
    {
        // Mechanical contacts bounce for some milliseconds; a human press lasts longer than this.
        private const int DebounceMs = 30;

        private readonly GpioPin _pin;
        private readonly EventSource _events;
        private bool _isClosed;

        internal InputPin(GpioController controller, int gpio, EventSource events)
        {
            _events = events;
            _pin = controller.OpenPin(gpio, PinMode.InputPullUp);
            _pin.DebounceTimeout = new TimeSpan(DebounceMs * TimeSpan.TicksPerMillisecond);
            _isClosed = _pin.Read() == PinValue.Low;
            _pin.ValueChanged += OnChanged;
        }

        // On the runtime's event thread: it only posts.
        private void OnChanged(object sender, PinValueChangedEventArgs e)
        {
            bool isClosed = e.ChangeType == PinEventTypes.Falling;
            if (isClosed != _isClosed)
            {
                _isClosed = isClosed;
                _events.Post(isClosed);
            }
        }
    }
}
