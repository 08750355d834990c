using System;
using System.Device.Gpio;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>
    /// The pins that neither the chip nor the board uses: commands may read and drive them. Each is opened when it is first named. The runtime drives a pin
    /// low each time it is made an output, and reads an output as low: so a pin changes its direction once, and the level it is driven at is remembered here.
    /// </summary>
    internal sealed class FreePins : IPins
    {
        private readonly GpioController _controller;
        private readonly Board _board;
        private readonly GpioPin?[] _open;
        private readonly bool[] _isDriven;
        private readonly bool[] _isHigh;

        internal FreePins(GpioController controller, Board board)
        {
            _controller = controller;
            _board = board;
            int count = board.Chip.Last + 1;
            _open = new GpioPin?[count];
            _isDriven = new bool[count];
            _isHigh = new bool[count];
        }

        /// <inheritdoc/>
        public int Last => _board.Chip.Last;

        /// <inheritdoc/>
        public bool IsFree(int pin)
        {
            BoardPin[] used = _board.Pins;
            for (int i = 0; i < used.Length; i++)
            {
                if (used[i].Gpio == pin)
                {
                    return false;
                }
            }

            return _board.Chip.IsUsable(pin);
        }

        /// <inheritdoc/>
        public bool TryRead(int pin, out bool isHigh)
        {
            isHigh = _isHigh[pin];
            if (_isDriven[pin])
            {
                return true;
            }

            try
            {
                GpioPin open = _open[pin] ?? _controller.OpenPin(pin, _board.Chip.IsOutput(pin) ? PinMode.InputPullUp : PinMode.Input);
                _open[pin] = open;
                isHigh = open.Read() == PinValue.High;
                return true;
            }
            catch (Exception)
            {
                // The edge of the driver: a pin that it does not have, or that somebody else has opened.
                return false;
            }
        }

        /// <inheritdoc/>
        public bool TryWrite(int pin, bool isHigh)
        {
            try
            {
                if (!_board.Chip.IsOutput(pin))
                {
                    return false;
                }

                GpioPin? open = _open[pin];
                if (open == null)
                {
                    open = _controller.OpenPin(pin, PinMode.Output);
                    _open[pin] = open;
                }
                else if (!_isDriven[pin])
                {
                    open.SetPinMode(PinMode.Output);
                }

                _isDriven[pin] = true;
                open.Write(isHigh ? PinValue.High : PinValue.Low);
                _isHigh[pin] = isHigh;
                return true;
            }
            catch (Exception)
            {
                // As above.
                return false;
            }
        }
    }
}
