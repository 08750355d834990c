namespace DeviceMqtt.Wire
{
    /// <summary>What a command does to the world, and so how long it is worth carrying out.</summary>
    public enum CommandClass
    {
        /// <summary>Asks only; no mark in the birth.</summary>
        Query = 0,

        /// <summary>Acts: switches, moves, restarts; marked <c>!</c>.</summary>
        Act = 1,

        /// <summary>Configures: says how it is to be from now on; marked <c>~</c>.</summary>
        Configure = 2,
    }
}
