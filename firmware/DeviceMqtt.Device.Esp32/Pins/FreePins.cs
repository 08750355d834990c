using System;
using System.Device.Gpio;

namespace DeviceMqtt.Device.Esp32
{
    /// <summary>The pins that neither the chip nor the board uses: commands may read and drive them. Each is opened when it is first named.</summary>
    internal sealed class FreePins : IPins
    {
        private readonly GpioController _controller;
        private readonly Board _board;
        private readonly GpioPin?[] _open;

        internal FreePins(GpioController controller, Board board)
        {
            _controller = controller;
            _board = board;
            _open = new GpioPin?[board.Chip.Last + 1];
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
            isHigh = false;
            try
            {
                isHigh = Open(pin, _board.Chip.IsOutput(pin) ? PinMode.InputPullUp : PinMode.Input).Read() == PinValue.High;
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

                GpioPin open = Open(pin, PinMode.Output);
                open.SetPinMode(PinMode.Output);
                open.Write(isHigh ? PinValue.High : PinValue.Low);
                return true;
            }
            catch (Exception)
            {
                // As above.
                return false;
            }
        }

        private GpioPin Open(int pin, PinMode mode)
        {
            GpioPin open = _open[pin] ?? _controller.OpenPin(pin, mode);
            _open[pin] = open;
            return open;
        }
    }
}
