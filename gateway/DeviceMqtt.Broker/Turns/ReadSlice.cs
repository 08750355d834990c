namespace DeviceMqtt.Broker.Turns;

/// <summary>How many packets of one read are one turn: as many as a slice has time for. What came behind them has a turn of its own, when others had theirs. Owned by the turn.</summary>
internal struct ReadSlice(Turn turn)
{
    // A look at the clock costs as much as a small packet: so many of them for each, or this many bytes.
    private const int PacketsPerLook = 16;
    private const int BytesPerLook = 4096;
    private int _untilLook = BytesPerLook;

    /// <summary>The slice is over. Asked once behind each packet.</summary>
    /// <param name="packetBytes">What was handled.</param>
    public bool IsOver(int packetBytes)
    {
        if (turn.HasWrittenMuch)
            return true;
        _untilLook -= packetBytes + (BytesPerLook / PacketsPerLook);
        if (_untilLook > 0)
            return false;
        _untilLook = BytesPerLook;
        return turn.IsLong;
    }
}
