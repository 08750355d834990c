namespace DeviceMqtt.Broker.Turns;

/// <summary>Who answers for what is done, and pays for the time that it takes.</summary>
internal interface IPayer
{
    /// <summary>It pays for some of the time of the turn.</summary>
    /// <param name="nowUs">Microseconds of the turn's clock.</param>
    /// <param name="spentUs">Microseconds; 0 to ask.</param>
    /// <returns>Milliseconds that it has to wait for, so that it has no more than its share; 0 for none.</returns>
    int Pay(long nowUs, long spentUs);
}
