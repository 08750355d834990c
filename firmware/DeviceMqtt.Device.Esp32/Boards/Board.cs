namespace DeviceMqtt.Device.Esp32
{
    /// <summary>A board is data: its pins, and what is connected to them.</summary>
    internal abstract class Board
    {
        /// <summary>Name of its folder in hardware/boards, and the setting that chooses it.</summary>
        internal abstract string Name { get; }

        /// <summary>Every pin that is used.</summary>
        internal abstract BoardPin[] Pins { get; }

        /// <summary>The lamp.</summary>
        internal abstract BoardPin Lamp { get; }

        /// <summary>Whether the lamp is lit when its pin is low.</summary>
        internal virtual bool IsLampActiveLow => false;

        /// <summary>Input of a watchdog chip, if there is one.</summary>
        internal virtual BoardPin? Watchdog => null;

        /// <summary>Seconds of sleep between two readings; 0 for a board that stays awake.</summary>
        internal virtual int SleepSeconds => 0;

        /// <summary>Says what is connected.</summary>
        internal abstract void Fit(BoardParts parts);
    }
}
