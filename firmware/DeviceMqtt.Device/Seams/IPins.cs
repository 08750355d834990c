namespace DeviceMqtt.Device
{
    /// <summary>The chip's pins, for commands that name one by its GPIO number. Never throws.</summary>
    public interface IPins
    {
        /// <summary>The highest number.</summary>
        int Last { get; }

        /// <summary>True if the pin exists and neither the chip nor the board uses it for something else.</summary>
        bool IsFree(int pin);

        /// <summary>Reads a level; of a pin that was driven, the level it is driven at. Another becomes an input with a pull-up. False if the pin fails.</summary>
        bool TryRead(int pin, out bool isHigh);

        /// <summary>Drives a level, without another in between if it was driven before. False if the pin fails, or is an input by its nature.</summary>
        bool TryWrite(int pin, bool isHigh);
    }
}
